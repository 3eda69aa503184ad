"""Who does what in the demonstration: quotas of the regions, languages, scarce themes, the walk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.membership.models import LanguageLevel, RegionalGroup

SEED = 2027
MENTOR_CODE, MENTEE_CODE = "193", "118"


class Part(StrEnum):
    """What a State does in the invented round."""

    OFFERS = "offers"
    ASKS = "asks"
    BOTH = "both"
    NOTHING = "nothing"
    SILENT = "silent"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Quota:
    """How a regional group takes part; the rest of its States are not on the roster."""

    roster: int
    members: int
    offering: int
    asking: int
    idle: int


QUOTAS = {
    RegionalGroup.AFRICAN: Quota(roster=46, members=33, offering=13, asking=36, idle=5),
    RegionalGroup.ASIA_PACIFIC: Quota(roster=42, members=30, offering=13, asking=32, idle=5),
    RegionalGroup.EASTERN_EUROPEAN: Quota(roster=20, members=15, offering=9, asking=12, idle=3),
    RegionalGroup.GRULAC: Quota(roster=29, members=22, offering=12, asking=20, idle=4),
    RegionalGroup.WEOG: Quota(roster=23, members=20, offering=13, asking=10, idle=6),
}
# Portuguese is scarce on purpose: one State offers in it, for as many as can ask it. So the two
# States that a newcomer steps into meet in every plan, whatever the others do.
PARTS = {
    MENTOR_CODE: Part.OFFERS,
    MENTEE_CODE: Part.ASKS,
    "051": Part.ASKS,
    "147": Part.ASKS,
    "097": Part.NOTHING,
    "145": Part.OFFERS,
    "160": Part.SILENT,
    "185": Part.OUTSIDE,
    # Chinese and Russian have somebody on both sides.
    "188": Part.ASKS,
    "189": Part.OFFERS,
    "133": Part.OFFERS,
    "143": Part.ASKS,
}
LANGUAGES = {
    MENTOR_CODE: {"pt": LanguageLevel.LEAD, "fr": LanguageLevel.FOLLOW, "en": LanguageLevel.FOLLOW},
    MENTEE_CODE: {"pt": LanguageLevel.LEAD, "fr": LanguageLevel.FOLLOW},
    "051": {"pt": LanguageLevel.LEAD, "tet": LanguageLevel.LEAD, "en": LanguageLevel.FOLLOW},
    "147": {"pt": LanguageLevel.LEAD, "en": LanguageLevel.FOLLOW},
    "090": {"es": LanguageLevel.LEAD, "fr": LanguageLevel.WORK, "pt": LanguageLevel.FOLLOW},
    "145": {"pt": LanguageLevel.LEAD, "es": LanguageLevel.FOLLOW},
    "188": {"zh": LanguageLevel.LEAD, "en": LanguageLevel.FOLLOW},
    "189": {"en": LanguageLevel.LEAD, "zh": LanguageLevel.WORK, "ms": LanguageLevel.WORK},
}
# How often each theme is asked for and offered: some are scarce.
DEMAND = {
    "TRACK": 13, "DIGI": 12, "CLUST": 9, "STAT": 9, "PLAN": 8, "REPT": 8, "LEGAL": 7, "FOCAL": 6,
    "CSOP": 6, "BUDG": 6, "CAPA": 5, "SDGS": 5, "LOCL": 5, "PARL": 4, "COMP": 4, "NHRI": 3,
    "METH": 3, "JUDI": 3, "OPEN": 3, "SECR": 3, "TOR": 3, "REGM": 2, "UNPT": 2, "SPEC": 2,
    "LEAD": 2,
}  # fmt: skip
SUPPLY = {
    "REPT": 11, "CLUST": 9, "FOCAL": 8, "LEGAL": 8, "TOR": 7, "PLAN": 7, "TRACK": 6, "CSOP": 6,
    "NHRI": 6, "COMP": 5, "SECR": 5, "METH": 5, "SPEC": 5, "PARL": 4, "LEAD": 4, "UNPT": 4,
    "SDGS": 4, "REGM": 4, "CAPA": 3, "OPEN": 3, "JUDI": 2, "LOCL": 2, "DIGI": 2, "STAT": 2,
    "BUDG": 1,
}  # fmt: skip
MOST_PAUSED = 4
EXTRA_DRAFTS, EXTRA_PROPOSED, LONE_DRAFTS, LONE_PROPOSED, DRAFT_OFFERS = 12, 4, 3, 2, 3
# The walk-through: the mentee's first need (a budget for the mechanism) is offered by nobody in
# Portuguese; as soon as it is changed into a theme of the mentor, the plan serves it too.
NEEDS: dict[str, tuple[tuple[str, int | None, int | None], ...]] = {
    MENTEE_CODE: (("BUDG", 1, 2), ("TRACK", 0, 2), ("JUDI", None, None)),
    "051": (("PLAN", 1, 3), ("DIGI", 0, 1)),
    "147": (("STAT", 0, 1), ("NHRI", None, None)),
    "188": (("METH", 1, 2), ("STAT", 1, 3)),
}
OFFERS: dict[str, tuple[tuple[str, int | None], ...]] = {
    MENTOR_CODE: (("CLUST", 4), ("FOCAL", None), ("PLAN", 4), ("REPT", 3), ("TRACK", 4)),
    "189": (("CAPA", 3), ("METH", 4), ("SPEC", None)),
}
