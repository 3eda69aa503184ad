"""What an import would change, against the records as they stand at this moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import language_name
from app.membership import catalogue
from app.needs.conditions import Conditions as NeedConditions
from app.needs.conditions import Levels
from app.needs.models import NeedState
from app.offers.conditions import Conditions as OfferConditions
from app.offers.models import OfferState
from app.workbooks.records import NeedRecord, OfferRecord, Records


class Effect(StrEnum):
    """What the confirmation does to a record."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    # Only a focal point or an alternate may change it.
    BLOCKED = "blocked"
    # Not in the workbook, or in a row with a fault; left alone.
    STAYS = "stays"

    @property
    def label(self) -> Any:
        return {
            Effect.NEW: _l("New"),
            Effect.CHANGED: _l("Changed"),
            Effect.UNCHANGED: _l("Unchanged"),
            Effect.BLOCKED: _l("For your focal point"),
            Effect.STAYS: _l("Stays as it is"),
        }[self]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a record says now and would say."""

    label: str
    before: str
    after: str


@dataclass(slots=True)
class NeedChange:
    """A need of the workbook beside the one on record."""

    theme: str
    effect: Effect
    conditions: NeedConditions
    levels: Levels | None = None
    record: NeedRecord | None = None
    # Its place in the State's order afterwards, and whether the workbook gave it a number.
    place: int | None = None
    numbered: bool = False
    where: str = ""
    differences: list[Difference] = field(default_factory=list)

    @property
    def title(self) -> str:
        return catalogue.theme_title(self.theme)

    @property
    def standing(self) -> Any:
        return self.record.state.label if self.record else ""


@dataclass(slots=True)
class OfferChange:
    """The offer of the workbook beside the one on record."""

    effect: Effect
    conditions: OfferConditions
    levels: Mapping[str, int | None] | None = None
    record: OfferRecord | None = None
    where: str = ""
    differences: list[Difference] = field(default_factory=list)

    @property
    def standing(self) -> Any:
        return self.record.state.label if self.record else ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything an import would do."""

    needs: list[NeedChange]
    offer: OfferChange | None
    reorders: bool
    fingerprint: str

    @property
    def effects(self) -> list[Effect]:
        found = [need.effect for need in self.needs]
        return [*found, self.offer.effect] if self.offer else found

    def count(self, effect: Effect) -> int:
        return self.effects.count(effect)

    @property
    def changes_something(self) -> bool:
        return bool(self.count(Effect.NEW) + self.count(Effect.CHANGED))

    @property
    def could_submit(self) -> bool:
        """Whether something of the workbook is on record or would be, and does not count yet."""
        needs = any(
            need.effect not in (Effect.STAYS, Effect.BLOCKED)
            and (need.record is None or need.record.state != NeedState.SUBMITTED)
            for need in self.needs
        )
        offer = self.offer
        return needs or bool(
            offer
            and offer.effect not in (Effect.STAYS, Effect.BLOCKED)
            and (offer.record is None or offer.record.state != OfferState.SUBMITTED)
        )


def compare(wanted: dict[str, Any], records: Records, *, own: bool, speaks: bool) -> Preview:
    """``own`` for people of the State, who set order and levels; ``speaks`` if they submit."""
    by_theme = {need.theme: need for need in records.needs}
    submitted = any(need.state == NeedState.SUBMITTED for need in records.needs)
    may_order = own and (speaks or not submitted)
    order = _final_order(wanted, records) if may_order else []
    reorders = may_order and order[: len(records.needs)] != [need.theme for need in records.needs]
    changes = []
    for one in wanted["needs"]:
        record = by_theme.pop(one["theme"], None)
        place = order.index(one["theme"]) + 1 if may_order else None
        changes.append(_need_change(one, record, place, own=own, speaks=speaks))
    for record in by_theme.values():
        changes.append(NeedChange(record.theme, Effect.STAYS, record.conditions, record=record))
    return Preview(
        needs=changes,
        offer=_offer_change(wanted["offer"], records.offer, own=own, speaks=speaks),
        reorders=reorders,
        fingerprint=records.fingerprint,
    )


def _final_order(wanted: dict[str, Any], records: Records) -> list[str]:
    """Numbered needs first, then the others as they stand, then new ones without a number."""
    first = [one["theme"] for one in wanted["needs"] if one["ranked"]]
    standing = [need.theme for need in records.needs if need.theme not in first]
    last = [one["theme"] for one in wanted["needs"] if one["theme"] not in {*first, *standing}]
    return [*first, *standing, *last]


def _need_change(
    one: dict[str, Any], record: NeedRecord | None, place: int | None, *, own: bool, speaks: bool
) -> NeedChange:
    said = one["conditions"]
    week = said["latest_week"]
    conditions = NeedConditions(
        tuple(said["languages"]),
        dt.date.fromisoformat(week) if week else None,
        said["success"],
        said["success_language"],
    )
    if record and not conditions.success and not record.conditions.success:
        # Without a text its language says nothing.
        conditions = NeedConditions(
            conditions.languages, conditions.latest_week, "", record.conditions.success_language
        )
    levels = Levels(one["levels"]["now"], one["levels"]["sought"]) if one["levels"] else None
    change = NeedChange(
        theme=one["theme"],
        effect=Effect.NEW,
        conditions=conditions,
        levels=levels if own else None,
        record=record,
        place=place,
        numbered=one["ranked"],
        where=f"{one['sheet']}!{one['cell']}",
    )
    before = record.conditions if record else NeedConditions()
    if before != conditions:
        change.differences += _need_differences(before, conditions)
    if own and levels:
        stood = Levels(record.level_now, record.level_sought) if record else Levels(None, None)
        change.differences += _changed(
            (_("Where you stand now"), _level(stood.now), _level(levels.now)),
            (_("Where you would like to be"), _level(stood.sought), _level(levels.sought)),
        )
    if place is not None and record and record.rank != place:
        change.differences.append(Difference(_("Order"), str(record.rank), str(place)))
    if record:
        adopted = own and record.state == NeedState.PROPOSED
        if adopted:
            change.differences.append(
                Difference(_("Status"), str(record.state.label), str(NeedState.DRAFT.label))
            )
        change.effect = Effect.CHANGED if change.differences else Effect.UNCHANGED
        if own and not speaks and record.state == NeedState.SUBMITTED and change.differences:
            change.effect = Effect.BLOCKED
    return change


def _offer_change(
    one: dict[str, Any] | None, record: OfferRecord | None, *, own: bool, speaks: bool
) -> OfferChange | None:
    if one is None:
        if record is None:
            return None
        return OfferChange(Effect.STAYS, record.conditions, record=record)
    said = dict(one["conditions"])
    for name in ("first_week", "last_week"):
        said[name] = dt.date.fromisoformat(said[name]) if said[name] else None
    if record and not said["note"] and not record.conditions.note:
        said["note_language"] = record.conditions.note_language
    conditions = OfferConditions(**said)
    change = OfferChange(
        effect=Effect.NEW,
        conditions=conditions,
        levels=one["levels"] if own else None,
        record=record,
        where=f"{one['sheet']}!{one['cell']}",
    )
    before = record.conditions if record else None
    change.differences += _offer_differences(before, conditions)
    if own and one["levels"] is not None:
        stood = record.levels if record else {}
        change.differences += _changed(
            *(
                (
                    _("Level: %(theme)s", theme=catalogue.theme_title(theme)),
                    _level(stood.get(theme)),
                    _level(level),
                )
                for theme, level in one["levels"].items()
            )
        )
    if record:
        if own and record.state == OfferState.PROPOSED:
            change.differences.append(
                Difference(_("Status"), str(record.state.label), str(OfferState.DRAFT.label))
            )
        change.effect = Effect.CHANGED if change.differences else Effect.UNCHANGED
        if own and not speaks and record.state == OfferState.SUBMITTED and change.differences:
            change.effect = Effect.BLOCKED
    return change


def _changed(*triples: tuple[str, str, str]) -> list[Difference]:
    return [Difference(*triple) for triple in triples if triple[1] != triple[2]]


def _need_differences(before: NeedConditions, after: NeedConditions) -> list[Difference]:
    return _changed(
        (_("Languages"), _languages(before.languages), _languages(after.languages)),
        (_("Latest week"), _week(before.latest_week), _week(after.latest_week)),
        (_("What would success look like?"), before.success, after.success),
        (
            _("Language of the text"),
            language_name(before.success_language) if before.success else "",
            language_name(after.success_language) if after.success else "",
        ),
    )


def _offer_differences(before: OfferConditions | None, after: OfferConditions) -> list[Difference]:
    values = [_offer_values(one) for one in (before, after)]
    labels = [
        _("Themes"),
        _("Mentorships at once, at most"),
        _("Languages"),
        _("First week"),
        _("Last week"),
        _("Regional groups"),
        _("Sub-networks"),
        _("What you can share"),
        _("Language of the text"),
    ]
    return _changed(*zip(labels, *values, strict=True))


def _offer_values(offer: OfferConditions | None) -> list[str]:
    if offer is None:
        return [""] * len(fields(OfferConditions))
    return [
        _list(catalogue.theme_title(code) for code in offer.themes),
        str(offer.capacity),
        _languages(offer.languages),
        _week(offer.first_week),
        _week(offer.last_week),
        _list(catalogue.group_name(code) for code in offer.regions),
        _list(catalogue.sub_network_name(code) for code in offer.sub_networks),
        offer.note,
        language_name(offer.note_language) if offer.note else "",
    ]


def _list(names: Iterable[str]) -> str:
    # One a line: a comma is not a comma in every script.
    return "\n".join(names)


def _languages(codes: tuple[str, ...]) -> str:
    return _list(language_name(code) for code in codes)


def _week(day: dt.date | None) -> str:
    return str(format_date(day, "medium")) if day else ""


def _level(level: int | None) -> str:
    return catalogue.level_name(level)
