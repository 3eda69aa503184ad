"""An invented round: who is on the roster, who asks for what, who offers what, in whose language.

Nothing here touches the database or the clock: the same seed gives the same world everywhere.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.demo.names import InventedState, load_invented_states
from app.demo.script import (
    DEMAND,
    DRAFT_OFFERS,
    EXTRA_DRAFTS,
    EXTRA_PROPOSED,
    LANGUAGES,
    LONE_DRAFTS,
    LONE_PROPOSED,
    MENTEE_CODE,
    MOST_PAUSED,
    NEEDS,
    OFFERS,
    PARTS,
    QUOTAS,
    SEED,
    SUPPLY,
    Part,
)
from app.demo.words import NOTES, SUCCESS
from app.membership.models import LanguageLevel, RegionalGroup, Status
from app.needs.models import NeedState
from app.offers.models import OfferState


@dataclass(frozen=True, slots=True)
class InventedNeed:
    """A need; ``latest_week`` counts weeks from the first of the round."""

    theme: str
    rank: int
    level_now: int | None = None
    level_sought: int | None = None
    languages: tuple[str, ...] = ()
    latest_week: int | None = None
    success: str = ""
    language: str = "en"
    state: NeedState = NeedState.SUBMITTED


@dataclass(frozen=True, slots=True)
class InventedOffer:
    """An offer; ``weeks`` are the first and last possible, counted from the first of the round."""

    themes: tuple[tuple[str, int | None], ...]
    capacity: int
    weeks: tuple[int, int] | None = None
    regions: tuple[str, ...] = ()
    note: str = ""
    language: str = "en"
    paused: bool = False
    state: OfferState = OfferState.SUBMITTED


@dataclass(frozen=True, slots=True)
class Party:
    """A State in the invented world."""

    state: InventedState
    part: Part
    status: Status | None
    languages: tuple[tuple[str, LanguageLevel], ...]
    needs: tuple[InventedNeed, ...] = ()
    offer: InventedOffer | None = None
    has_alternate: bool = False
    has_colleague: bool = False


def invent() -> tuple[Party, ...]:
    """All 193 States with what they do in the round."""
    rng = random.Random(SEED)  # noqa: S311
    states = load_invented_states()
    parts, statuses = _give_parts(states, rng)
    languages = {state.code: _languages(state, rng) for state in states}
    extras = _give_extras(parts, rng)
    parties = []
    for state in states:
        code, part = state.code, parts[state.code]
        writes_in = _writes_in(languages[code])
        parties.append(
            Party(
                state=state,
                part=part,
                status=statuses.get(code),
                languages=tuple(languages[code].items()),
                needs=_needs(code, part, extras.get(code, ""), languages[code], writes_in, rng),
                offer=_offer(state, part, extras.get(code, ""), writes_in, rng),
                has_alternate=code in statuses and rng.random() < 0.34,
                has_colleague=code in statuses and rng.random() < 0.08,
            )
        )
    return tuple(parties)


def _give_parts(
    states: tuple[InventedState, ...], rng: random.Random
) -> tuple[dict[str, Part], dict[str, Status]]:
    """Fill the quota of each regional group, those with a part of their own first."""
    parts: dict[str, Part] = {}
    statuses: dict[str, Status] = {}
    idle: list[str] = []
    for group, quota in QUOTAS.items():
        codes = [state.code for state in states if state.regional_group == group]
        rng.shuffle(codes)
        free = [code for code in codes if code not in PARTS]
        asking = quota.roster - quota.offering - quota.idle
        offering = _take(quota.offering, codes, free, Part.OFFERS)
        idle_here = _take(quota.idle, codes, free, Part.NOTHING, Part.SILENT)
        only_asking = _take(asking, codes, free, Part.ASKS)
        both = [code for code in offering if code not in PARTS]
        both = both[: quota.asking - len(only_asking)]
        parts.update(dict.fromkeys(offering, Part.OFFERS))
        parts.update(dict.fromkeys(both, Part.BOTH))
        parts.update(dict.fromkeys(only_asking, Part.ASKS))
        parts.update(dict.fromkeys(free, Part.OUTSIDE))
        idle += idle_here
        # Observers are among those who do not offer, the mentee of the walk-through first.
        rest = [code for code in only_asking + idle_here if code != MENTEE_CODE]
        observers = ([MENTEE_CODE] if MENTEE_CODE in only_asking else []) + rest
        observers = observers[: quota.roster - quota.members]
        for code in offering + only_asking + idle_here:
            statuses[code] = Status.OBSERVER if code in observers else Status.MEMBER
    free_idle = [code for code in idle if code not in PARTS]
    silent = set(free_idle[7:])
    parts.update({code: Part.SILENT if code in silent else Part.NOTHING for code in free_idle})
    return parts | {code: PARTS[code] for code in PARTS}, statuses


def _take(number: int, codes: list[str], free: list[str], *kinds: Part) -> list[str]:
    """The States whose part is one of these, and as many free ones as are missing."""
    chosen = [code for code in codes if PARTS.get(code) in kinds]
    while len(chosen) < number:
        chosen.append(free.pop())
    return chosen


def _give_extras(parts: dict[str, Part], rng: random.Random) -> dict[str, str]:
    """Who has, beside what is submitted, a draft, an entry to confirm, or a paused offer."""

    def some(number: int, *kinds: Part) -> list[str]:
        found = [c for c, p in parts.items() if p in kinds and c not in PARTS and c not in extras]
        return rng.sample(sorted(found), number)

    extras = {"145": "paused"}
    for what, number, kinds in (
        ("draft", EXTRA_DRAFTS, (Part.ASKS, Part.BOTH)),
        ("proposed", EXTRA_PROPOSED, (Part.ASKS, Part.BOTH)),
        ("draft", LONE_DRAFTS, (Part.SILENT,)),
        ("proposed", LONE_PROPOSED, (Part.SILENT,)),
        ("draft offer", DRAFT_OFFERS, (Part.ASKS,)),
        ("paused", MOST_PAUSED - 1, (Part.OFFERS, Part.BOTH)),
    ):
        extras.update(dict.fromkeys(some(number, *kinds), what))
    return extras


def _languages(state: InventedState, rng: random.Random) -> dict[str, LanguageLevel]:
    """The State's own languages first, then what its officials learnt."""
    if state.code in LANGUAGES:
        return LANGUAGES[state.code]
    own = state.prefill_languages or state.languages[:2]
    levels = dict.fromkeys(own, LanguageLevel.LEAD)
    if "en" not in levels:
        # Where the national language is not widely shared, officials work in English.
        works, follows = (0.35, 0.4) if state.prefill_languages else (0.85, 0.15)
        drawn = rng.random()
        if drawn < works:
            levels["en"] = LanguageLevel.WORK
        elif drawn < works + follows:
            levels["en"] = LanguageLevel.FOLLOW
    for code, likely in (
        ("fr", "oif" in state.sub_networks),
        ("ru", state.subregion in ("central_asia", "eastern_europe")),
        ("es", state.regional_group == RegionalGroup.GRULAC),
    ):
        if likely and code not in levels and rng.random() < 0.4:
            levels[code] = rng.choice((LanguageLevel.FOLLOW, LanguageLevel.WORK))
    return levels


def _writes_in(languages: dict[str, LanguageLevel]) -> str:
    return next((code for code in languages if code in SUCCESS), "en")


def _needs(
    code: str,
    part: Part,
    extra: str,
    languages: dict[str, LanguageLevel],
    writes_in: str,
    rng: random.Random,
) -> tuple[InventedNeed, ...]:
    if code in NEEDS:
        return tuple(
            InventedNeed(theme, rank, now, sought, success=SUCCESS["pt"][rank % 3], language="pt")
            for rank, (theme, now, sought) in enumerate(NEEDS[code], start=1)
        )
    states = []
    if part in (Part.ASKS, Part.BOTH):
        states = [NeedState.SUBMITTED] * rng.choice((1, 2, 2, 3, 3, 3, 4))
    if extra in ("draft", "proposed"):
        states.append(NeedState(extra))
    themes = _draw(DEMAND, len(states), rng)
    return tuple(
        _need(theme, rank, state, languages, writes_in, rng)
        for rank, (theme, state) in enumerate(zip(themes, states, strict=True), start=1)
    )


def _need(
    theme: str,
    rank: int,
    state: NeedState,
    languages: dict[str, LanguageLevel],
    writes_in: str,
    rng: random.Random,
) -> InventedNeed:
    # A coordinator never states a level for a State.
    stated = rng.random() < 0.65 and state != NeedState.PROPOSED
    now = rng.choice((0, 0, 1, 1, 1, 2))
    sought = min(4, now + rng.choice((1, 1, 2)))
    narrowed = len(languages) > 1 and rng.random() < 0.1
    return InventedNeed(
        theme=theme,
        rank=rank,
        level_now=now if stated else None,
        level_sought=sought if stated and rng.random() < 0.8 else None,
        languages=(next(iter(languages)),) if narrowed else (),
        latest_week=rng.randrange(12, 50) if rng.random() < 0.25 else None,
        success=rng.choice(SUCCESS[writes_in]) if rng.random() < 0.6 else "",
        language=writes_in,
        state=state,
    )


def _offer(
    state: InventedState, part: Part, extra: str, writes_in: str, rng: random.Random
) -> InventedOffer | None:
    if part not in (Part.OFFERS, Part.BOTH) and extra != "draft offer":
        return None
    if state.code in OFFERS:
        return InventedOffer(
            OFFERS[state.code], capacity=2, note=rng.choice(NOTES[writes_in]), language=writes_in
        )
    themes = _draw(SUPPLY, rng.choice((3, 4, 4, 5, 6)), rng)
    begins = rng.choice((0, 4, 8, 12))
    return InventedOffer(
        themes=tuple(
            (theme, rng.choice((2, 3, 3, 4, 4)) if rng.random() < 0.7 else None) for theme in themes
        ),
        capacity=rng.choice((1, 1, 2, 2, 2, 3)),
        weeks=(begins, begins + rng.choice((26, 32, 39))) if rng.random() < 0.3 else None,
        regions=(state.regional_group,) if rng.random() < 0.2 else (),
        note=rng.choice(NOTES[writes_in]) if rng.random() < 0.6 else "",
        language=writes_in,
        paused=extra == "paused",
        state=OfferState.DRAFT if extra == "draft offer" else OfferState.SUBMITTED,
    )


def _draw(weights: dict[str, int], number: int, rng: random.Random) -> list[str]:
    """Different themes, the heavier ones more often."""
    left = dict(weights)
    drawn = []
    for _ in range(number):
        theme = rng.choices(list(left), weights=list(left.values()))[0]
        drawn.append(theme)
        del left[theme]
    return drawn
