"""Commands of an installation: ``flask --app wsgi worker``, ``audit verify`` and so on."""

from __future__ import annotations

import click
from flask import Flask, current_app

from app.audit.commands import audit_commands


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
    import app.accounts.tasks
    import app.oversight.tasks
    import app.plans.tasks
    import app.rounds.tasks
    import app.workbooks.tasks  # noqa: F401
