"""The sample's own register, in the layout of the packaged one; its nation says that all of it is invented."""

from __future__ import annotations

from insight.sample import places

COLUMNS = ("code", "fact", "value", "from", "to", "source", "note")
SOURCE = "Invented for the sample"
_FIRST_DAY, _LAST_DAY, _CODE_LAST_DAY, _JOINT_SINCE = "2021-04-01", "2021-03-31", "2025-03-31", "2016-09-30"
_ALIASES = {
    "Fenbury, City of": "Fenbury",
    "Galmere, County of": "Galmere",
    "Isles of Sorrel": "Sorrel",
    "Rushmond upon Marr": "Rushmond",
    "Swanhithe upon Marr": "Swanhithe",
}
# Two authorities that a careless reader calls by the same name, as the two Kingstons are.
_SHARED_ALIAS = ("Marr", ("Rushmond upon Marr", "Swanhithe upon Marr"))
_TRUST = ("Hollinsford", "Hollinsford Children's Trust", "2018-04-01")
_CITIES = ("Fenbury, City of", "Kingsmouth, City of")


def register_rows() -> list[list[str]]:
    """Header and facts: nation, regions, parts, authorities, the abolished one, the joint return."""
    rows: list[list[str]] = [list(COLUMNS)]

    def fact(code: str, kind: str, value: str, *, start: str = "", end: str = "") -> None:
        rows.append([code, kind, value, start, end, SOURCE, ""])

    code, name = places.NATION
    fact(code, "level", "nation")
    fact(code, "name", name)
    fact(code, "sample", "yes")
    for code, name in places.REGIONS.items():
        fact(code, "level", "region")
        fact(code, "name", name)
    for code, (name, other_name, region) in places.PARTS.items():
        fact(code, "level", "part")
        fact(code, "name", name)
        fact(code, "region", region)
        fact(code, "alias", other_name)
    for one in (*places.PLACES, places.ABOLISHED):
        key = places.REISSUED_CODE if one == places.REISSUED else one.code
        born = _FIRST_DAY if one in places.SUCCESSORS else ""
        fact(key, "level", "authority", start=born, end=_LAST_DAY if one == places.ABOLISHED else "")
        fact(key, "name", one.name)
        fact(key, "old_la_code", one.old_la_code)
        fact(key, "region", one.region)
        if key != one.code:
            fact(key, "code", one.code, end=_CODE_LAST_DAY)
        fact(key, "style", "city" if one.name in _CITIES else "county" if one == places.ABOLISHED else "unitary")
        if one.name in _ALIASES:
            fact(key, "alias", _ALIASES[one.name])
        if one.name in _SHARED_ALIAS[1]:
            fact(key, "alias", _SHARED_ALIAS[0])
        if one.name == _TRUST[0]:
            fact(key, "trust", _TRUST[1], start=_TRUST[2])
        if one == places.ABOLISHED:
            fact(key, "alias", f"{one.name} (Pre LG)")
            for heir in places.SUCCESSORS:
                fact(key, "split_into", heir.code, start=_FIRST_DAY)
        if one in places.JOINT_MEMBERS:
            fact(key, "joint_return", _joint_key(), start=_JOINT_SINCE)
    fact(_joint_key(), "level", "joint", start=_JOINT_SINCE)
    fact(_joint_key(), "name", places.joint_place().name)
    return rows


def _joint_key() -> str:
    return "_".join(one.code for one in places.JOINT_MEMBERS)
