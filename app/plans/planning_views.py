"""Pages of plans for programme coordinators: making, reading, copying and proposing one."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import audit
from app.accounts import access
from app.accounts.models import Role
from app.extensions import db
from app.headers import as_download
from app.jobs.models import JobState
from app.paging import page_of
from app.plans import actions, downloads, proposing, queries, rules
from app.plans.blueprint import bp
from app.plans.forms import ProposeForm
from app.plans.models import Plan, PlanItem
from app.plans.overview import Filter, Overview
from app.plans.progress import Progress
from app.plans.words import (
    NOTES,
    OBJECTIVE_MEANINGS,
    OBJECTIVES,
    OUTCOMES,
    listed,
    titles_listed,
)

MOST_NAMED = 5


@bp.get("/rounds/<round_id>/plans")
@access.roles(Role.PROGRAMME_COORDINATOR)
def index(round_id: str) -> str:
    """Every plan made in a round, and the way to a new one."""
    round_ = queries.get_round(round_id)
    return render_template(
        "plans/index.html",
        round=round_,
        runs=[(run, Progress.of(run)) for run in queries.runs_of(round_.id)],
        can_plan=rules.can_plan(current_user, round_),
    )


@bp.post("/rounds/<round_id>/plan")
@access.roles(Role.PROGRAMME_COORDINATOR)
def ask(round_id: str) -> Response:
    round_ = queries.get_round(round_id)
    try:
        run_ = actions.ask_for_plan(round=round_, by=current_user)
    except (actions.NothingToPlan, actions.TooManyPlans) as refusal:
        db.session.rollback()
        flash(refusal.words(), "warning")
        return redirect(url_for(".index", round_id=round_id), 303)
    db.session.commit()
    return redirect(url_for(".run", run_id=run_.public_id), 303)


@bp.get("/runs/<run_id>")
@access.roles(Role.PROGRAMME_COORDINATOR)
def run(run_id: str) -> str | Response:
    """How far the making of a plan is; the plan itself once it is there."""
    found = queries.get_run(run_id)
    if found.plan is not None:
        return redirect(url_for(".show", plan_id=found.plan.public_id))
    return render_template("plans/run.html", run=found, progress=Progress.of(found))


@bp.get("/runs/<run_id>/progress")
@access.roles(Role.PROGRAMME_COORDINATOR)
def progress(run_id: str) -> Response:
    """The box of the run's page, for a browser that looks again every two seconds."""
    found = queries.get_run(run_id)
    if "HX-Request" not in request.headers:
        return redirect(url_for(".run", run_id=run_id))
    answer = make_response(
        render_template("plans/progress.html", run=found, progress=Progress.of(found))
    )
    if found.plan is not None:
        answer.headers["HX-Redirect"] = url_for(".show", plan_id=found.plan.public_id)
    elif JobState(found.job.state).is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/runs/<run_id>/stop")
@access.roles(Role.PROGRAMME_COORDINATOR)
def stop(run_id: str) -> Response:
    found = queries.get_run(run_id)
    keep = request.form.get("keep") == "yes"
    actions.stop_run(run=found, keep=keep, by=current_user)
    db.session.commit()
    return redirect(url_for(".run", run_id=run_id), 303)


@bp.get("/plans/<plan_id>", defaults={"part": "pairs"})
@bp.get("/plans/<plan_id>/<any(unmet, load):part>")
@access.roles(Role.PROGRAMME_COORDINATOR)
def show(plan_id: str, part: str) -> str:
    """A plan: its mentorships, or who gets none, or the load of the mentors."""
    overview = _looked_at(plan_id)
    if part == "unmet":
        return _unmet(overview)
    if part == "load":
        return _part(overview, part, loads=page_of(overview.loads))
    return _pairs(overview, ProposeForm())


@bp.post("/plans/<plan_id>/propose")
@access.roles(Role.PROGRAMME_COORDINATOR)
def propose(plan_id: str) -> Response | tuple[str, int]:
    plan = queries.get_plan(plan_id)
    chosen = request.form.getlist("item")
    form = ProposeForm()
    if not form.validate_on_submit():
        return _pairs(_looked_at(plan_id), form, chosen), 422
    if not chosen:
        form.form_errors.append(gettext("Choose at least one mentorship to propose."))
        return _pairs(_looked_at(plan_id), form, chosen), 422
    done = proposing.propose(
        plan=plan, item_ids=chosen, answer_by=form.answer_by.data, by=current_user
    )
    db.session.commit()
    _say_what_was_proposed(done)
    if done.proposals:
        return redirect(url_for(".answers", round_id=_round_id(plan)), 303)
    return redirect(url_for(".show", plan_id=plan_id), 303)


def _say_what_was_proposed(done: proposing.Proposed) -> None:
    if done.proposals:
        flash(
            ngettext(
                "%(num)s mentorship is proposed, and both States are told by mail.",
                "%(num)s mentorships are proposed, and the States are told by mail.",
                len(done.proposals),
            ),
            "success",
        )
    by_reason: dict[proposing.Skip, list[PlanItem]] = {}
    for item, why in done.skipped:
        by_reason.setdefault(why, []).append(item)
    for why, items in by_reason.items():
        flash(
            ngettext(
                "%(num)s mentorship is not proposed, because %(why)s: %(pairs)s.",
                "%(num)s mentorships are not proposed, because %(why)s: %(pairs)s.",
                len(items),
                why=why.label,
                pairs=_named(items),
            ),
            "warning",
        )


def _named(items: list[PlanItem]) -> str:
    """The first few pairs by name: a message has to stay short."""
    names = [f"{item.mentor.name} – {item.mentee.name}" for item in items[:MOST_NAMED]]
    return listed([*names, "…"] if len(items) > MOST_NAMED else names)


@bp.get("/plans/<plan_id>/files/<any(workbook, problem, plan, certificate, key):what>")
@access.roles(Role.PROGRAMME_COORDINATOR)
def download(plan_id: str, what: str) -> Response:
    """A copy of the plan to keep or to check elsewhere; each State can see that it was taken."""
    plan = queries.get_plan(plan_id)
    states = queries.get_contents(plan_id).states
    # Like a look at records: the page reads, that a copy was taken is noted all the same.
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})
    actions.note_download(plan=plan, file=what, states=states, by=current_user)
    db.session.commit()
    plan = queries.get_plan_with_documents(plan_id)
    file = downloads.file_of(plan, what)
    answer = make_response(file.content)
    answer.mimetype = file.mimetype
    return as_download(answer, file_name=file.name)


def _looked_at(plan_id: str) -> Overview:
    """The plan, once it is noted for each of its States that this person looked."""
    contents = queries.get_contents(plan_id)
    audit.record_look(by=current_user, states=contents.states, what=f"plan {plan_id[:8]}")
    return Overview(contents)


def _round_id(plan: Plan) -> str:
    return plan.run.scenario.snapshot.round.public_id


def _pairs(overview: Overview, form: ProposeForm, chosen: list[str] | None = None) -> str:
    wanted = Filter.of(request.args)
    pairs = page_of(overview.shown_pairs(wanted))
    reader = current_user._get_current_object()
    own_case = partial(rules.is_own_case, reader)
    can_propose = rules.can_propose_from(reader, overview.plan.kind, overview.round)
    can_be_chosen = {
        pair.item.public_id
        for pair in overview.pairs
        if can_propose and pair.can_be_chosen and not own_case(pair.item.parties)
    }
    if chosen is None and request.args.get("select") == "all":
        selected = can_be_chosen
    else:
        selected = can_be_chosen.intersection(chosen or ())
    return _part(
        overview,
        "pairs",
        filter=wanted,
        choices=overview.choices(),
        pairs=pairs,
        form=form,
        selected=selected,
        # What a page does not show stays selected.
        selected_elsewhere=sorted(selected - {pair.item.public_id for pair in pairs}),
        can_propose=can_propose,
        own_case=own_case,
        # Rows share these words.
        why_words=cache(_why_words),
        outcome=OUTCOMES[overview.plan.outcome],
        objectives=OBJECTIVES,
        meanings=OBJECTIVE_MEANINGS,
        notes=NOTES,
        public_key=downloads.public_key(),
        listed=listed,
        objectives_of=lambda codes: [str(OBJECTIVES[code]) for code in codes],
    )


def _why_words(reasons: int) -> str:
    return str(ngettext("Why: %(num)s reason", "Why: %(num)s reasons", reasons))


def _unmet(overview: Overview) -> str:
    wanted = Filter.of(request.args)
    gaps = page_of(overview.shown_gaps(wanted))
    return _part(
        overview,
        "unmet",
        filter=wanted,
        choices=overview.choices_of_gaps(),
        gaps=gaps,
    )


def _part(overview: Overview, part: str, **shown: Any) -> str:
    """A part of the plan's page, under what all of them have in common."""
    return render_template(
        f"plans/{part}.html",
        plan=overview.plan,
        overview=overview,
        round=overview.round,
        part=part,
        is_trial=overview.plan.is_trial,
        can_plan=rules.can_plan(current_user, overview.round),
        titles_listed=titles_listed,
        **shown,
    )
