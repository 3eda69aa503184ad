"""Explaining, improving and repairing joint plans on the command line."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from matching import files, handover, io
from matching.joint import words
from matching.joint.check import check_plan
from matching.joint.documents import dump_plan, dump_problem, read_plan, read_problem
from matching.joint.model import JointPlan, JointProblem
from matching.joint.value import best_points
from matching.model import Clash, Fault, Instrument, Pairing
from matching.words import INSTRUMENTS

TIME_LIMIT = 60.0
"""Seconds for all needs that are not served, unless the command line says otherwise."""


def explain(problem: bytes, plan: bytes, options: Namespace) -> int:
    """Say why each item is in the plan, what stood in the way of whom, or why not these two."""
    stated, made = _sound(problem, plan)
    if not _holds(stated, made):
        return 1
    if options.why_not:
        return _why_not(stated, made, options)
    if options.party is not None:
        _known("--party", "party", [options.party], _parties(stated))
    needs = _needs_unmet(stated, made, options.party)
    missing = list(_unmet(stated, made, needs, options))
    data = {
        "items": list(_items(stated, made, options)),
        "unmet": missing,
        "not_reached": len(needs) - len(missing),
    }
    lines = [json.dumps(data, ensure_ascii=False)] if options.json else list(_explained(data))
    handover.print_lines(options, lines)
    return 0


def no_plan(problem: JointProblem, clash: Sequence[Clash]) -> io.BadInput:
    """Why there is no plan: rules that clash, and as few as possible without which there is one."""
    from matching.joint.clash import least_relaxation

    if not clash:
        return io.BadInput([Fault("time limit", "no plan was found in time")])
    faults = [Fault("rules that clash", words.say(rule)) for rule in clash]
    faults += [Fault("possible without", words.say(rule)) for rule in least_relaxation(problem)]
    return io.BadInput(faults)


def _sound(problem: bytes, plan: bytes) -> tuple[JointProblem, JointPlan]:
    stated, made = files.each(
        files.named("problem", lambda _: read_problem(problem)),
        files.named("plan", lambda _: read_plan(plan)),
    )
    return stated, made


def _holds(problem: JointProblem, plan: JointPlan) -> bool:
    """Whether the plan holds; says on standard error why not."""
    violations = check_plan(problem, plan).violations
    for entry in violations:
        print(words.say(entry), file=sys.stderr)
    return not violations


def _items(problem: JointProblem, plan: JointPlan, options: Namespace) -> Iterator[dict[str, Any]]:
    from matching.joint.explain import why

    home = {expert.key: problem.parties[expert.party].key for expert in problem.experts}
    for item in plan.items:
        hosts = {item.host, *(home[key] for key in item.team)}
        there = {place.guest for place in item.places} | hosts
        if options.party not in (None, *there):
            continue
        shown = item.model_dump(mode="json", exclude={"places"})
        places = [
            {"guest": found.guest, "reasons": [handover.coded(code) for code in found.reasons],
             "said": [words.say(code) for code in found.reasons]}
            for found in why(problem, plan, item)
            if options.party in (None, found.guest, *hosts)
        ]  # fmt: skip
        yield {**shown, "places": places, "said": words.describe_item(item)}


def _needs_unmet(problem: JointProblem, plan: JointPlan, party: str | None) -> list[int]:
    served = best_points(problem, plan.items)
    return [
        at for at, need in enumerate(problem.needs)
        if at not in served and party in (None, problem.parties[need.guest].key)
    ]  # fmt: skip


def _unmet(
    problem: JointProblem, plan: JointPlan, needs: list[int], options: Namespace
) -> Iterator[dict[str, Any]]:
    from matching.joint.unmet import unmet

    limit = options.time_limit or TIME_LIMIT
    found = unmet(problem, plan, needs=needs, workers=options.workers or 1, time_limit=limit)
    for entry in found:
        yield {
            "guest": entry.guest, "theme": entry.theme, "obstacle": handover.coded(entry.obstacle),
            "change": handover.coded(entry.change) if entry.change else None,
            "losers": entry.losers, "proven": entry.proven,
            "said": [words.say(code) for code in (entry.obstacle, entry.change) if code],
        }  # fmt: skip


def _explained(data: dict[str, Any]) -> Iterator[str]:
    for item in data["items"]:
        yield item["said"]
        for place in item["places"]:
            yield f"  {place['guest']}: {'; '.join(place['said'])}"
    for entry in data["unmet"]:
        obstacle, *change = entry["said"]
        line = f"{entry['guest']} not served in {entry['theme']}: {obstacle}"
        line += f"; would be served with {change[0]}" if change else ""
        line += f", at the cost of {', '.join(entry['losers'])}" if entry["losers"] else ""
        yield line if entry["proven"] else f"{line} (claimed, from near the plan)"
    if data["not_reached"]:
        yield f"time ended before {data['not_reached']} more needs that are not served"


def _why_not(problem: JointProblem, plan: JointPlan, options: Namespace) -> int:
    from matching.joint.price import price

    pairing = _pairing("--why-not", options.why_not, problem)
    found = price(
        problem, plan, pairing, workers=options.workers or 1, time_limit=options.time_limit
    )
    if options.json:
        data = {
            "answer": handover.coded(found.answer) if found.answer else None,
            "stands": found.stands, "proven": found.proven,
            "losers": found.losers, "gainers": found.gainers,
            "differences": [
                {"objective": d.objective.value, "now": d.now, "then": d.then,
                 "levels_now": d.levels_now, "levels_then": d.levels_then}
                for d in found.differences
            ],
        }  # fmt: skip
        handover.print_lines(options, [json.dumps(data, ensure_ascii=False)])
        return 0
    if found.answer is not None:
        lines = [words.say(found.answer)]
    elif found.stands:
        lines = ["the plan is so already, or an equally good one is"]
    else:
        lines = [
            f"{words.OBJECTIVES[d.objective]}: {d.now} now, {d.then} then"
            for d in found.differences
        ]
        lines += [f"less satisfied: {', '.join(found.losers)}"] if found.losers else []
        lines += [f"more satisfied: {', '.join(found.gainers)}"] if found.gainers else []
    if not found.proven:
        lines.append("claimed, from near the plan")
    handover.print_lines(options, lines)
    return 0


def advise(problem: bytes, plan: bytes, options: Namespace) -> int:
    """Say which single additional offers would serve the most needs that are not served."""
    from matching.joint.advise import advise as advice

    stated, made = _sound(problem, plan)
    if not _holds(stated, made):
        return 1
    found = advice(
        stated, made, options.most, workers=options.workers or 1,
        time_limit=options.time_limit or TIME_LIMIT,
    )  # fmt: skip
    if options.json:
        data = [
            {"instrument": a.instrument.value, "theme": a.theme, "language": a.language,
             "served": a.served, "waiting": a.waiting, "proven": a.proven}
            for a in found
        ]  # fmt: skip
        lines = [json.dumps({"offers": data}, ensure_ascii=False)]
    else:
        lines = [
            f"{a.instrument.value} in {a.theme}{f', held in {a.language}' if a.language else ''}: "
            f"{a.served} more needs served; waiting: {', '.join(a.waiting)}"
            f"{'' if a.proven else ' (claimed, from near the plan)'}"
            for a in found
        ] or ["no single offer that was tried would serve more"]
    handover.print_lines(options, lines)
    return 0


def repair(problem: bytes, plan: bytes, options: Namespace) -> int:
    """Make a plan after what has happened since, with the fewest changes."""
    from matching.joint.repair import repair as mend

    stated, made = _sound(problem, plan)
    events = _events(stated, options)
    if not _holds(stated, made):
        return 1
    mended = mend(
        stated, made, events, seed=options.seed, workers=options.workers,
        time_limit=options.time_limit, progress=handover.teller(options),
    )  # fmt: skip
    after = mended.result.plan
    if after is None:
        raise no_plan(mended.problem, mended.result.clash)
    if options.new_problem:
        files.write(options.new_problem, dump_problem(mended.problem))
    files.write(options.output, dump_plan(after))
    if options.json:
        lines = [
            json.dumps(
                {"outcome": after.outcome.value, "least_told": mended.least_told,
                 "least_changed": mended.least_changed,
                 "news": [{"party": told.party, "news": [handover.coded(c) for c in told.news]}
                          for told in mended.news]},
                ensure_ascii=False,
            )
        ]  # fmt: skip
    else:
        lines = words.describe_plan(after)
        lines += [
            f"{told.party}: {'; '.join(words.say(code) for code in told.news)}"
            for told in mended.news
        ]
    print(*lines, sep="\n", file=handover.aside(options))
    return 0


def _events(problem: JointProblem, options: Namespace) -> Any:
    from matching.joint.repair import Events

    parties = _parties(problem)
    givers = {row.key for number in range(4) for row in problem.givers(number)}
    _known("--out", "party", options.out, parties)
    _known("--guest-out", "party", options.guest_out, parties)
    _known("--cancelled", "offer or expert", options.cancelled, givers)
    return Events(
        accepted=tuple(_pairing("--accepted", text, problem) for text in options.accepted),
        declined=tuple(_pairing("--declined", text, problem) for text in options.declined),
        cancelled=tuple(options.cancelled), hosts_out=tuple(options.out),
        guests_out=tuple(options.guest_out), closed=tuple(options.closed),
    )  # fmt: skip


def _parties(problem: JointProblem) -> set[str]:
    return {row.key for row in problem.parties}


def _known(option: str, what: str, named: Collection[str], known: Collection[str]) -> None:
    faults = [io.unknown(option, what, word, known) for word in named if word not in known]
    if faults:
        raise io.BadInput(faults)


def _pairing(option: str, text: str, problem: JointProblem) -> Pairing:
    """``GUEST,HOST,INSTRUMENT`` as a pairing."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3:
        raise io.BadInput([Fault(option, "give GUEST,HOST,INSTRUMENT")])
    guest, host, name = parts
    _known(option, "party", [guest, host], _parties(problem))
    _known(option, "instrument", [name], INSTRUMENTS)
    instrument: Instrument = INSTRUMENTS[name]
    return Pairing(guest=guest, host=host, instrument=instrument)
