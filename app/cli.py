"""Commands of an installation: ``flask --app wsgi worker``, ``audit verify`` and so on."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup

audit_commands = AppGroup("audit", help="The audit trail.")


def init_cli(app: Flask) -> None:
    app.cli.add_command(worker)
    app.cli.add_command(audit_commands)
    if app.config["DEMO_MODE"]:
        from app.demo.commands import demo_commands

        app.cli.add_command(demo_commands)


@click.command("worker")
@click.option("--once", is_flag=True, help="Stop when nothing is left to do.")
def worker(once: bool) -> None:
    """Do background work until asked to stop."""
    from app.jobs.worker import be_nice, work

    load_handlers()
    be_nice()
    work(current_app._get_current_object(), once=once)  # type: ignore[attr-defined]


def load_handlers() -> None:
    """Import what registers handlers and chores; only here does the optimiser get loaded."""
    import app.plans.tasks
    import app.rounds.tasks
    import app.workbooks.tasks  # noqa: F401


@audit_commands.command("verify")
@click.option("--anchor", help="NUMBER:HASH of an entry kept outside; detects truncation.")
def verify(anchor: str | None) -> None:
    """Recompute the whole chain; exit with 1 if it does not hold."""
    from app.audit.actions import verify_chain

    kept = None
    if anchor:
        number, _, digest = anchor.partition(":")
        kept = (int(number), digest)
    verdict = verify_chain(anchor=kept)
    for found in verdict.breaks:
        click.echo(f"entry {found.entry_id}: {found.why}", err=True)
    click.echo(f"{verdict.entries} entries, head {verdict.entries}:{verdict.head}")
    sys.exit(0 if verdict.holds else 1)
