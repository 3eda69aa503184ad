"""What States do with their needs, and what a coordinator may enter for them."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from app import audit
from app.accounts.models import User
from app.audit import Tag
from app.database import new_public_id, now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.i18n import link
from app.membership.actions import require_other_state, require_roster
from app.membership.catalogue import theme_title
from app.membership.models import State
from app.membership.queries import addressees, take_turn
from app.membership.weeks import has_passed
from app.needs import queries, ranks, rules
from app.needs.conditions import Conditions, Levels, write_conditions, write_levels
from app.needs.models import Need, NeedState
from app.notices import Notice, write


class ThemeTaken(DomainError):
    message = _l("Your list already holds a need on this theme. Open that one to change it.")


class WrongMoment(DomainError):
    message = _l("This need has moved on since you opened the page.")


class SayLanguages(DomainError):
    message = _l(
        "Say first, on the page of your State, in which languages your mechanism can meet others."
    )


class WeekPassed(DomainError):
    message = _l("The latest week of this need has passed. Choose a later one, or leave it empty.")


def save_need(
    *,
    state: State,
    by: User,
    theme: str,
    conditions: Conditions,
    levels: Levels | None = None,
    rank: int | None = None,
) -> Need:
    """Write a State's need on a theme: a new draft, or a change of the one it has.

    A submitted need stays submitted; one that a coordinator proposed becomes the State's own
    draft. Without ``levels`` those stored stay; without ``rank`` the place in the list stays, and
    a new need comes last. Saying the same twice changes nothing.
    """
    take_turn(state.id)
    need = queries.live_on(state.id, theme)
    if need is None:
        need = draft_need(state=state, by=by, theme=theme, conditions=conditions, levels=levels)
    else:
        change_need(need=need, by=by, conditions=conditions, levels=levels)
    if rank is not None:
        _place(need, rank, by)
    return need


def draft_need(
    *, state: State, by: User, theme: str, conditions: Conditions, levels: Levels | None = None
) -> Need:
    """A new draft at the end of the list; refused if the list has that theme already."""
    if not rules.can_draft(by, state.id):
        raise NotAllowed
    take_turn(state.id)
    if queries.live_on(state.id, theme) is not None:
        raise ThemeTaken
    need = _new_need(state, theme, NeedState.DRAFT, conditions)
    if levels is not None:
        write_levels(need, levels)
    db.session.flush()
    audit.record(Tag.NEED_DRAFTED, by=by, states=[state.id], subject=need.public_id)
    return need


def change_need(
    *,
    need: Need,
    by: User,
    conditions: Conditions,
    levels: Levels | None = None,
    theme: str | None = None,
) -> bool:
    """Change a need of one's own State; returns whether anything differed."""
    if not rules.can_change(by, need):
        raise NotAllowed
    fields = write_conditions(need, conditions)
    if levels is not None:
        fields += write_levels(need, levels)
    fields += _write_theme(need, theme)
    if need.state == NeedState.PROPOSED:
        # The State has made it its own.
        need.state = NeedState.DRAFT
        fields.append("state")
    if fields:
        need.changed_at = now()
        db.session.flush()
        _record(Tag.NEED_CHANGED, need, by, fields=sorted(fields))
    return bool(fields)


def submit_need(*, need: Need, by: User) -> None:
    """From now on the need counts in rounds."""
    _require_speaker(need, by)
    require_roster(need.owner)
    if not need.owner.languages:
        raise SayLanguages
    if has_passed(need.latest_week):
        raise WeekPassed
    if need.state == NeedState.SUBMITTED:
        return
    if need.state == NeedState.WITHDRAWN:
        raise WrongMoment
    need.state, need.submitted_at = NeedState.SUBMITTED, now()
    db.session.flush()
    _record(Tag.NEED_SUBMITTED, need, by)


def withdraw_need(*, need: Need, by: User) -> None:
    """Take a need off the list; it can be restored. What a coordinator entered is dropped so."""
    if need.state == NeedState.WITHDRAWN:
        return
    if not rules.can_withdraw(by, need):
        raise NotAllowed
    was_proposed = need.state == NeedState.PROPOSED
    take_turn(need.state_id)
    _leave_list(need)
    _record(Tag.NEED_PROPOSAL_ENDED if was_proposed else Tag.NEED_WITHDRAWN, need, by)


def restore_need(*, need: Need, by: User) -> None:
    """Bring a withdrawn need back as a draft, at the end of the list."""
    if not rules.can_draft(by, need.state_id):
        raise NotAllowed
    if need.state != NeedState.WITHDRAWN:
        return
    take_turn(need.state_id)
    if queries.live_on(need.state_id, need.theme) is not None:
        raise ThemeTaken
    need.rank = ranks.last_place(need.state_id)
    need.state = NeedState.DRAFT
    db.session.flush()
    _record(Tag.NEED_CHANGED, need, by, fields=["state"])


def move_need(*, need: Need, by: User, up: bool) -> None:
    """One place up or down in the State's own order."""
    take_turn(need.state_id)
    order = [one.id for one in queries.live_of(need.state_id)]
    if need.id not in order:
        raise WrongMoment
    place = order.index(need.id) + 1
    _place(need, place - 1 if up else place + 1, by)


def confirm_need(*, need: Need, by: User) -> None:
    """Say yes to what a coordinator entered: a whole need, or a change of one; it then counts."""
    change = Conditions.proposed_for(need)
    if need.state != NeedState.PROPOSED and change is None:
        raise WrongMoment
    _require_speaker(need, by)
    require_roster(need.owner)
    if change is not None:
        fields = write_conditions(need, change) + _write_theme(need, change.new_theme)
        need.proposed_change = None
        db.session.flush()
        _record(Tag.NEED_CHANGED, need, by, fields=sorted(fields), confirmed=True)
    submit_need(need=need, by=by)


def decline_change(*, need: Need, by: User) -> None:
    """Say no to a coordinator's change; the need stays as it was."""
    _require_speaker(need, by)
    if need.proposed_change is None:
        return
    need.proposed_change = None
    db.session.flush()
    _record(Tag.NEED_PROPOSAL_ENDED, need, by)


def propose_need(
    *, state: State, by: User, theme: str, conditions: Conditions, tell: bool = True
) -> Need:
    """Enter a need for a State, or a change of the one it has on the theme; without levels.

    Nothing of it counts before the State confirms. A draft of the State is left alone, and the
    coordinator does not learn that there is one. Proposing the same twice changes nothing.
    ``tell=False`` where one mail tells of many needs (see :func:`tell_state`).
    """
    require_other_state(by, state)
    take_turn(state.id)
    need = queries.live_on(state.id, theme)
    if need is None:
        need = _new_need(state, theme, NeedState.PROPOSED, conditions)
    elif need.state == NeedState.PROPOSED:
        if not write_conditions(need, conditions):
            return need
    elif _says_already(need, conditions):
        return need
    else:
        need.proposed_change = conditions.as_change()
    db.session.flush()
    _record(Tag.NEED_PROPOSED, need, by)
    if tell:
        tell_state(state=state, themes=[theme])
    return need


def propose_change(*, need: Need, by: User, theme: str, conditions: Conditions) -> Need:
    """Enter a change of a need for its State, be it another theme; it waits for the State's word.

    A need that waits as a whole is replaced. A submitted one goes on counting as it is until the
    State confirms; if the State meanwhile has a need of its own on the new theme, it is told so
    then, and the coordinator does not learn of a draft.
    """
    state = need.owner
    if theme == need.theme:
        return propose_need(state=state, by=by, theme=theme, conditions=conditions)
    require_other_state(by, state)
    take_turn(state.id)
    if any(shown.theme == theme for shown in queries.for_coordinator(state)):
        raise ThemeTaken
    if need.state != NeedState.SUBMITTED:
        take_back(need=need, by=by)
        return propose_need(state=state, by=by, theme=theme, conditions=conditions)
    need.proposed_change = replace(conditions, new_theme=theme).as_change()
    db.session.flush()
    _record(Tag.NEED_PROPOSED, need, by)
    tell_state(state=state, themes=[theme])
    return need


def take_back(*, need: Need, by: User) -> None:
    """End what the coordinators entered, before the State has answered."""
    require_other_state(by, need.owner)
    take_turn(need.state_id)
    if need.state == NeedState.PROPOSED:
        _leave_list(need)
    elif need.proposed_change is not None:
        need.proposed_change = None
        db.session.flush()
    else:
        return
    _record(Tag.NEED_PROPOSAL_ENDED, need, by)


def tell_state(*, state: State, themes: list[str]) -> None:
    """One mail to those who speak for a State: something waits for their word."""
    for addressee in addressees([state])[state.id]:
        words = {
            "titles": [theme_title(code, addressee.language) for code in themes],
            "state": state.name_in(addressee.language),
            "url": link("needs.index"),
        }
        write(Notice(addressee.to, addressee.language, "needs_proposed", words))


def _new_need(state: State, theme: str, need_state: NeedState, conditions: Conditions) -> Need:
    need = Need(
        public_id=new_public_id(),
        state_id=state.id,
        theme=theme,
        state=need_state,
        rank=ranks.last_place(state.id),
    )
    write_conditions(need, conditions)
    db.session.add(need)
    return need


def _write_theme(need: Need, theme: str | None) -> list[str]:
    """Move a need to another theme, if one is given; says that it changed."""
    if theme is None or theme == need.theme:
        return []
    if queries.live_on(need.state_id, theme) is not None:
        raise ThemeTaken
    need.theme = theme
    return ["theme"]


def _says_already(need: Need, conditions: Conditions) -> bool:
    """Whether a proposal would say what waits already, or what stands and counts."""
    if need.proposed_change is not None:
        return need.proposed_change == conditions.as_change()
    return need.state == NeedState.SUBMITTED and Conditions.of(need) == conditions


def _leave_list(need: Need) -> None:
    need.state, need.proposed_change = NeedState.WITHDRAWN, None
    db.session.flush()
    ranks.close_gaps(need.state_id)


def _place(need: Need, rank: int, by: User) -> None:
    """Put a need in a place of the list, others making room."""
    before = queries.live_of(need.state_id)
    after = [one for one in before if one.id != need.id]
    after.insert(max(rank - 1, 0), need)
    if [one.id for one in after] == [one.id for one in before]:
        return
    if not rules.can_order(by, before):
        raise NotAllowed
    ranks.number(after)
    _record(Tag.NEED_CHANGED, need, by, fields=["rank"])


def _require_speaker(need: Need, by: User) -> None:
    if not rules.can_speak(by, need.state_id):
        raise NotAllowed


def _record(tag: Tag, need: Need, by: User, **facts: object) -> None:
    audit.record(tag, by=by, states=[need.state_id], subject=need.public_id, **facts)
