"""Published files that hold nothing for us, by checksum, and why: so that a list of files can say more than "unknown".

Each was compared with what we have (tests/sources/test_tool_lists.py). A file with other bytes is another file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

UNKNOWN = "not a published file known here"


class LeftAlone(NamedTuple):
    """A file's name at its publisher, and why nothing is read from it."""

    name: str
    why: str


FILES: Mapping[str, LeftAlone] = {
    "01ef02f49d504fd48dd6e8c7f89d1ae23bb1001c367cfa430f84248063e5f3a3": LeftAlone(
        "ees_demo_datafile.csv",
        "an example of the department's convention, with invented figures",
    ),
    "36f5265ad9810750022cb635b2ce91a34a74e928a3331a616af8d6a6e9951390": LeftAlone(
        "ees_demo_datafile.meta.csv",
        "an example of the department's convention, with invented figures",
    ),
    "514bbb15a0e3bca4c740258e5b1598aaa1a2b0bcad6dc00aeeccd4cce136ea30": LeftAlone(
        "la_code_list.xlsx",
        "the register of areas has all of its authorities, by the same number, name and region",
    ),
    "e9594202bbf624f3328bd042ae0cf18d0df747d4320146449804dfe3133aa219": LeftAlone(
        "sn_april_2021.xlsx",
        "the same lists as the department's file of statistical neighbours, 2021 model",
    ),
    "8741494be7bbced69706589b7064b57d33737fc42ebbb3e778770f6bb78b1739": LeftAlone(
        "sn_may_2025.xlsx",
        "the same lists as the department's files of statistical neighbours, 2025 and 2021 models",
    ),
    "7312817f5dc111946ece7c176c4c022bd09721a5799f565bc7891fa270e1f42f": LeftAlone(
        "metadata.csv",
        "the names of the scorecards' columns, which the reader knows",
    ),
    "7fedaa2d04261df18dcfad647784f0014dc2903461182eb7dea82429647a474c": LeftAlone(
        "Provider_data_lookup.csv",
        "the register of areas has all of its authorities, by the same codes and name",
    ),
    "2dcdf0e8a94bdd31863c4041bdb6a36c9296efc444800ca2de2fa02dcd1a2157": LeftAlone(
        "ofsted_region_mapping_corrections.csv",
        "corrections that the register of areas does not need",
    ),
    "8d3c7f80f2bc5ac3ab805042dadd4207950637eb1cb2c0cc2f853787bac5d7f6": LeftAlone(
        "provider_at_march_2025.ods",
        "about single providers of care, and no question here is about them",
    ),
    "63d04f464198ccf80f5b0c255ce689ad222d827d2db2d0e07902145b21ec201e": LeftAlone(
        "LTLA-UTLA_Apr23_Lookup_England-Wales.csv",
        "districts within authorities, and no figures here are of districts",
    ),
}


def why_left_alone(sha256: str) -> str:
    """Why a file with this checksum is left alone.

    Examples
    --------
    >>> why_left_alone("0" * 64)
    'not a published file known here'
    """
    return FILES[sha256].why if sha256 in FILES else UNKNOWN
