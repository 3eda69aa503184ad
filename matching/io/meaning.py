"""Faults of meaning: words that refer to nothing, numbers that contradict each other.

The checks of an Instance read plain data, so that they also speak about a document whose shape
has faults; what has the wrong shape they pass over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from matching.io.faults import repeated, unknown
from matching.model import PAIRING_ORDER, Column, Fault, Mark, ProblemDocument, Weights

Data = dict[str, Any]


def _records(data: object, name: str) -> list[tuple[int, Data]]:
    rows = data.get(name) if isinstance(data, dict) else None
    if not isinstance(rows, (list, tuple)):
        return []
    return [(at, row) for at, row in enumerate(rows) if isinstance(row, dict)]


def _section(data: Data, name: str) -> Data:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _list(data: Data, name: str) -> list[Any]:
    part = data.get(name)
    return list(part) if isinstance(part, (list, tuple)) else []


def instance_faults(data: Data) -> list[Fault]:
    """Every fault of meaning in an Instance given as plain data."""
    return [
        *_key_faults(data),
        *_party_faults(data),
        *_theme_faults(data),
        *_need_faults(data),
        *_offer_faults(data),
        *week_faults(data),
        *policy_faults(_section(data, "policy"), "policy."),
        *_score_faults(data),
        *_size_faults(data),
    ]


def _key_faults(data: Data) -> Iterator[Fault]:
    for name in ("parties", "needs", "offers"):
        keys = [row.get("key") for _, row in _records(data, name)]
        yield from repeated(name + "[{at}].key", "key", keys)
    yield from repeated("themes[{at}]", "theme", _list(data, "themes"))


def _party_faults(data: Data) -> Iterator[Fault]:
    """Whoever is named is a party."""
    known = {row["key"] for _, row in _records(data, "parties") if isinstance(row.get("key"), str)}
    for path, word in _party_words(data):
        if isinstance(word, str) and word not in known:
            yield unknown(path, "party", word, known)
    for at, row in _records(data, "relations"):
        if isinstance(row.get("party"), str) and row["party"] == row.get("other"):
            yield Fault(f"relations[{at}].other", f'"{row["party"]}" relates to itself')


def _party_words(data: Data) -> Iterator[tuple[str, object]]:
    for name, fields in (
        ("needs", ("party",)), ("offers", ("party",)), ("relations", ("party", "other")),
    ):  # fmt: skip
        for at, row in _records(data, name):
            for field in fields:
                yield f"{name}[{at}].{field}", row.get(field)
    for part in ("accepted", "proposed", "declined"):
        for at, row in _records(_section(data, "previous"), part):
            for field in ("guest", "host"):
                yield f"previous.{part}[{at}].{field}", row.get(field)
    for part in ("accepted_items", "proposed_items"):
        for at, row in _records(_section(data, "previous"), part):
            yield f"previous.{part}[{at}].host", row.get("host")
            for seat, taken in _records(row, "places"):
                yield f"previous.{part}[{at}].places[{seat}].guest", taken.get("guest")
    for at, row in _records(_section(data, "policy"), "exclusions"):
        for field in ("guest", "host"):
            yield f"policy.exclusions[{at}].{field}", row.get(field)
    for at, row in _records(_section(data, "scores"), "scores"):
        for field in ("mentor", "mentee"):
            yield f"scores.scores[{at}].{field}", row.get(field)
    for at, row in _records(_section(data, "scores"), "wanted"):
        yield f"scores.wanted[{at}].mentee", row.get("mentee")
    for at, row in _records(_section(data, "money"), "sources"):
        for place, word in enumerate(_list(row, "parties")):
            yield f"money.sources[{at}].parties[{place}]", word


def _theme_faults(data: Data) -> Iterator[Fault]:
    """Where the Instance lists its themes, no other is used."""
    known = {word for word in _list(data, "themes") if isinstance(word, str)}
    if not known:
        return
    words: list[tuple[str, object]] = [
        (f"needs[{at}].theme", row.get("theme")) for at, row in _records(data, "needs")
    ]
    for at, offer in _records(data, "offers"):
        path = f"offers[{at}].themes"
        words += [(f"{path}[{n}].theme", t.get("theme")) for n, t in _records(offer, "themes")]
        for who, expert in _records(offer, "experts"):
            path = f"offers[{at}].experts[{who}].themes"
            words += [(f"{path}[{n}].theme", t.get("theme")) for n, t in _records(expert, "themes")]
    for at, row in _records(_section(data, "money"), "sources"):
        path = f"money.sources[{at}].themes"
        words += [(f"{path}[{n}]", word) for n, word in enumerate(_list(row, "themes"))]
    for path, word in words:
        if isinstance(word, str) and word not in known:
            yield unknown(path, "theme", word, known)


def _need_faults(data: Data) -> Iterator[Fault]:
    """A party asks for a theme once and gives each rank once."""
    themes: set[tuple[str, str]] = set()
    ranks: set[tuple[str, int]] = set()
    for at, row in _records(data, "needs"):
        party, theme, rank = row.get("party"), row.get("theme"), row.get("rank")
        if not isinstance(party, str):
            continue
        if isinstance(theme, str):
            if (party, theme) in themes:
                yield Fault(f"needs[{at}].theme", f'"{party}" asks for "{theme}" twice')
            themes.add((party, theme))
        if isinstance(rank, int):
            if (party, rank) in ranks:
                yield Fault(f"needs[{at}].rank", f'"{party}" gives rank {rank} twice')
            ranks.add((party, rank))
        if row.get("instruments") in ([], ()):
            yield Fault(f"needs[{at}].instruments", "a need accepts at least one instrument")


def _offer_faults(data: Data) -> Iterator[Fault]:
    """One mentorship offer a party; a theme once in an offer; least not above most."""
    mentors: set[object] = set()
    for at, row in _records(data, "offers"):
        party = row.get("party")
        if row.get("instrument") == "mentorship" and isinstance(party, str):
            if party in mentors:
                yield Fault(f"offers[{at}].party", f'"{party}" offers mentorship twice')
            mentors.add(party)
        themes = [theme.get("theme") for _, theme in _records(row, "themes")]
        yield from repeated(f"offers[{at}].themes[{{at}}].theme", "theme", themes)
        for least, most in (
            ("delegations_min", "delegations_max"), ("persons_min", "persons_max"),
            ("seats_min", "seats_max"),
        ):  # fmt: skip
            low, high = row.get(least, 1), row.get(most)
            if isinstance(low, int) and isinstance(high, int) and low > high:
                yield Fault(f"offers[{at}].{least}", f"{low} is more than {most} {high}")


def week_faults(data: Data) -> Iterator[Fault]:
    """Weeks lie in the horizon, days exist, the first Monday is one."""
    horizon = _section(data, "horizon")
    weeks = horizon.get("weeks", 52)
    days: list[tuple[str, object]] = [("horizon.first_monday", horizon.get("first_monday"))]
    found = [(f"horizon.{name}[{n}]", week) for name in ("closed", "avoid")
             for n, week in enumerate(_list(horizon, name))]  # fmt: skip
    for at, row in _records(data, "parties"):
        found += [(f"parties[{at}].closed_weeks[{n}]", w)
                  for n, w in enumerate(_list(row, "closed_weeks"))]  # fmt: skip
        days += [(f"parties[{at}].holidays[{n}]", d) for n, d in enumerate(_list(row, "holidays"))]
    for at, row in _records(data, "needs"):
        found.append((f"needs[{at}].latest_week", row.get("latest_week")))
    for at, row in _records(data, "offers"):
        found += [(f"offers[{at}].weeks[{n}]", w) for n, w in enumerate(_list(row, "weeks"))]
        for who, expert in _records(row, "experts"):
            found += [(f"offers[{at}].experts[{who}].weeks[{n}]", w)
                      for n, w in enumerate(_list(expert, "weeks"))]  # fmt: skip
    for path, week in found:
        if isinstance(weeks, int) and isinstance(week, int) and week >= weeks:
            message = f"week {week} lies beyond the horizon of {weeks} weeks, 0 to {weeks - 1}"
            yield Fault(path, message)
    for path, day in days:
        if isinstance(day, str):
            yield from _day_faults(path, day)


def _day_faults(path: str, day: str) -> Iterator[Fault]:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        yield Fault(path, f'"{day}" is not a day of the calendar')
        return
    if path == "horizon.first_monday" and found.weekday() != 0:
        yield Fault(path, f"{day} is not a Monday")


def policy_faults(policy: Data, path: str) -> Iterator[Fault]:
    """Objectives once each, the worst-off after cover, weights together at most 100."""
    order = [str(code) for code in _list(policy, "order")]
    yield from repeated(path + "order[{at}]", "objective", list(order))
    if "worst_off" in order and "cover" not in order[: order.index("worst_off")]:
        at = order.index("worst_off")
        yield Fault(f"{path}order[{at}]", "worst_off looks at covered States: cover comes first")
    weights = _section(policy, "weights")
    # A mission of several States has its points apart from those of a pair.
    apart = ("rank", "several_states")
    fields = {name: f.default for name, f in Weights.model_fields.items() if name not in apart}
    points = [weights.get(name, default) for name, default in fields.items()]
    points = [p for p, name in zip(points, fields, strict=True) if name != "language_work"]
    if all(isinstance(p, int) for p in points):
        work, lead = weights.get("language_work", 10), weights.get("language_lead", 15)
        if isinstance(work, int) and isinstance(lead, int):
            total = sum(points) - lead + max(work, lead)
            if total > 100:
                yield Fault(f"{path}weights", f"points add up to {total}, more than 100")


def _score_faults(data: Data) -> Iterator[Fault]:
    """A pair has one score, a mentee one number of mentors; scored mentors offer mentorship."""
    scores = _section(data, "scores")
    offering = {o.get("party") for _, o in _records(data, "offers")
                if o.get("instrument") == "mentorship"}  # fmt: skip
    seen: set[tuple[object, object]] = set()
    for at, row in _records(scores, "scores"):
        pair = (str(row.get("mentor")), str(row.get("mentee")))
        if pair in seen:
            yield Fault(f"scores.scores[{at}]", f'a second score for "{pair[0]}" and "{pair[1]}"')
        seen.add(pair)
        if isinstance(row.get("mentor"), str) and row["mentor"] not in offering:
            yield Fault(f"scores.scores[{at}].mentor", f'"{row["mentor"]}" offers no mentorship')
    mentees = [row.get("mentee") for _, row in _records(scores, "wanted")]
    yield from repeated("scores.wanted[{at}].mentee", "mentee", mentees)


def _size_faults(data: Data) -> Iterator[Fault]:
    """At most 62 themes and 62 contexts: they are kept as bits of one integer."""
    themes = {str(row.get("theme")) for _, row in _records(data, "needs")}
    for _, offer in _records(data, "offers"):
        themes |= {str(theme.get("theme")) for _, theme in _records(offer, "themes")}
    contexts = {str(c) for _, p in _records(data, "parties") for c in _list(p, "contexts")}
    for name, words in (("themes", themes), ("contexts", contexts)):
        if len(words) > 62:
            yield Fault(name, f"{len(words)} in use, at most 62 can be told apart")


def problem_faults(document: ProblemDocument, columns: dict[str, Column]) -> list[Fault]:
    """Every fault of meaning in a Problem."""
    faults = list(policy_faults(document.policy.model_dump(mode="json"), "policy."))
    faults += [
        Fault(f"policy.order[{at}]", f"{code.value} says nothing of mentorships")
        for at, code in enumerate(document.policy.order)
        if code not in PAIRING_ORDER
    ]
    for name in ("mentees", "mentors"):
        keys = [row.key for row in getattr(document, name)]
        faults += repeated(name + "[{at}].key", "key", list(keys))
    for name in ("themes", "languages", "networks", "contexts"):
        faults += repeated(name + "[{at}]", "word", list(getattr(document, name)))
    if not document.precision:
        faults += [
            Fault(f"mentees[{at}].wanted", "several mentors need scores: precision is 0")
            for at, row in enumerate(document.mentees)
            if row.wanted > 1
        ]
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        return [*faults, Fault("pairs", "columns differ in length")]
    most = 10**9 if document.precision else 100
    for name, low, high in (
        ("mentee", 0, len(document.mentees) - 1), ("mentor", 0, len(document.mentors) - 1),
        ("satisfaction", 0, most), ("fit", 0, most),
        ("themes", 0, 2 ** len(document.themes) - 1),
        ("language", -1, len(document.languages) - 1),
        ("network", -1, len(document.networks) - 1),
        ("contexts", 0, 2 ** len(document.contexts) - 1),
        ("marks", 0, sum(Mark)),
    ):  # fmt: skip
        column = columns[name]
        for at in np.flatnonzero((column < low) | (column > high)).tolist():
            message = f"{int(column[at])} is not between {low} and {high}"
            faults.append(Fault(f"pairs.{name}[{at}]", message))
    ids = columns["mentee"] * max(len(document.mentors), 1) + columns["mentor"]
    for at in np.flatnonzero(np.diff(ids) <= 0).tolist():
        faults.append(Fault(f"pairs.mentee[{at + 1}]", "pairs must be in order and differ"))
    return faults
