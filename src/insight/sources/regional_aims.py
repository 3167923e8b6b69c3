"""Regional aims: what a region has set itself, with the public measure that stands for each aim.

A small file that people write and keep, one for each region, in TOML. A file without a region holds the aims that stand
for regions without a list of their own; it says whose they are.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from insight.core.aims import JUDGEMENTS, NO_TEST, RULES, Aim
from insight.core.area import printable, shown
from insight.core.indicator import Indicator
from insight.core.panel import COLUMNS
from insight.core.register import Register
from insight.core.source import Source
from insight.errors import AreaError, DuplicateKey, GeographyConflict, RuleBroken, SourceRefused
from insight.sources._layout import Layout
from insight.sources._reading import Reading

KIND = "regional aims"
SOURCE = Source(
    key="regional_aims",
    publisher="the regions themselves, named in each file",
    title="Aims that regions have set themselves",
    address="in each file",
    licence="facts from public sources",
    known_problems=("The measure that stands for an aim was chosen here, and not by the region.",),
)
INDICATORS: tuple[Indicator, ...] = ()
LAYOUTS: tuple[Layout, ...] = ()
UNDATED = "undated"

_CLAIM = re.compile(rf'^[ \t]*kind[ \t]*=[ \t]*(["\']){KIND}\1', re.MULTILINE)
_MOST_BYTES = 1024 * 1024
_LONGEST = 2000
_LARGEST = 10**15
_HEAD = ("kind", "region", "whose", "source", "as_of")
_OF_AIM = ("key", "title", "words", "measure", "test", "target", "counts", "reason")
_KEY = re.compile(r"[a-z][a-z0-9_]{1,60}")
_MEASURE = re.compile(r"[a-z][a-z0-9_]*( \+ [a-z][a-z0-9_]*)*")
_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_WITH_TARGET = ("share_at_least", "stands_in_at_least")


def claims(path: Path) -> bool:
    """Whether a file says that it holds regional aims."""
    if path.suffix.lower() != ".toml":
        return False
    with path.open("rb") as file:
        return bool(_CLAIM.search(file.read(_MOST_BYTES).decode("utf-8-sig", "replace")))


def read(path: Path, register: Register) -> Reading:
    """Read one file of aims.

    Returns
    -------
    Reading
        Its series is the region's code, so that every region keeps a file of its own.

    Raises
    ------
    SourceRefused
        If the file is no TOML, a region is unknown, an aim lacks its words, a test or target cannot be, a key stands
        twice, or a field is not known.
    """
    content = _content(path)
    _require_fields(content, (*_HEAD, "aim"), path.name, "the head")
    head = {name: _text(content, name, path.name, "the head") for name in _HEAD}
    region = _region(head["region"], path.name, register)
    if not head["whose"] or not head["source"]:
        _refuse(path.name, "the head", "no words on whose aims they are, or no source", "write `whose` and `source`")
    if head["as_of"] and not _DAY.fullmatch(head["as_of"]):
        _refuse(path.name, "as_of", repr(shown(head["as_of"])), "write a year, a month (2026-03) or a day")
    several = content.get("aim")
    if not isinstance(several, list) or not several or not all(isinstance(each, dict) for each in several):
        _refuse(path.name, "the list of aims", "no [[aim]]", "write at least one")
    aims = [_aim(each, place, path.name, region, head) for place, each in enumerate(several, start=1)]
    keys = [aim.key for aim in aims]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise DuplicateKey(
            f"reading {shown(path.name)}", found=f"more than one aim called {twice}", todo="give each its own key"
        )
    return Reading(
        source=SOURCE.key,
        layout="regional aims",
        release=head["as_of"] or UNDATED,
        rows=pd.DataFrame(columns=list(COLUMNS)),
        neighbours=(),
        aims=tuple(aims),
        rows_read=len(aims),
        rows_kept=len(aims),
        set_aside=(),
        encoding="UTF-8",
        series=region,
    )


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        where = {UnicodeDecodeError: "text that is not UTF-8", RecursionError: "values in values without end"}.get(
            type(fault), str(fault)
        )
        raise SourceRefused(
            f"reading {shown(path.name)}",
            found=f"no readable TOML: {shown(where)}",
            todo="mend the line; each value stands in quotation marks",
        ) from None


def _region(text: str, file: str, register: Register) -> str:
    """The region's code, or "" for the aims of regions without a list."""
    if not text:
        return ""
    try:
        return register.region(text).code
    except AreaError as error:
        raise GeographyConflict(f"reading {shown(file)}: {error.asked}", found=error.found, todo=error.todo) from None


def _aim(row: Mapping[str, Any], place: int, file: str, region: str, head: Mapping[str, str]) -> Aim:
    where = f"aim {place}"
    _require_fields(row, _OF_AIM, file, where)
    texts = {name: _text(row, name, file, where) for name in _OF_AIM}
    if not _KEY.fullmatch(texts["key"]):
        _refuse(
            file, f"{where}, key", repr(shown(texts["key"])), "use lower case, figures and _, as in lowest_turnover"
        )
    if not texts["words"]:
        _refuse(file, f"{where}, words", "nothing", "write the aim as the region words it")
    rule = texts.pop("test")
    made = Aim(
        **{**texts, "title": texts["title"] or texts["key"].replace("_", " ").capitalize()},
        rule=rule,
        region=region,
        whose=head["whose"],
        source=head["source"],
    )
    _require_sound(made, file, where)
    return made


def _require_sound(aim: Aim, file: str, where: str) -> None:
    if aim.rule not in RULES:
        _refuse(file, f"{where}, test", repr(shown(aim.rule)), f"use one of: {', '.join(RULES)}")
    if (aim.rule == NO_TEST) != (not aim.measure):
        _refuse(file, f"{where}, measure", "a test without a measure, or the reverse", 'give both, or test = "none"')
    if aim.rule == NO_TEST and not aim.reason:
        _refuse(file, f"{where}, reason", "nothing", "say why there is no public measure")
    if aim.measure and not _MEASURE.fullmatch(aim.measure):
        _refuse(file, f"{where}, measure", repr(shown(aim.measure)), "use keys of indicators, joined by ' + '")
    if aim.measure == JUDGEMENTS and aim.rule not in _WITH_TARGET:
        _refuse(file, f"{where}, test", repr(shown(aim.rule)), "judgements take share_at_least")
    if (aim.rule in _WITH_TARGET) != bool(aim.target):
        _refuse(
            file, f"{where}, target", "a share without a target, or a target that no test uses", "mend one of the two"
        )
    if aim.target and not _is_number(aim.target):
        _refuse(file, f"{where}, target", repr(shown(aim.target)), 'write a number, as in target = "85"')


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _text(row: Mapping[str, Any], name: str, file: str, where: str) -> str:
    value = row.get(name, "")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
        value = repr(int(value) if value == int(value) else value)
    if not isinstance(value, str) or printable(value) != value or len(value) > _LONGEST:
        _refuse(
            file, f"{where}, {name}", "no plain text on one line", "write the value in quotation marks, on one line"
        )
    return " ".join(value.split())


def _require_fields(row: Mapping[str, Any], known: tuple[str, ...], file: str, where: str) -> None:
    strangers = sorted(set(row) - set(known))
    if strangers:
        _refuse(file, where, f"a field called {shown(strangers[0])}", f"the fields are: {', '.join(known)}")


def _refuse(file: str, where: str, found: str, todo: str) -> NoReturn:
    raise RuleBroken(f"reading {shown(file)}, {where}", found=found, todo=todo)
