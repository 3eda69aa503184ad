"""``flask demo prepare``: only in demonstration mode."""

from __future__ import annotations

import sys
import time

import click
from flask.cli import AppGroup

from app.i18n import base_url

demo_commands = AppGroup("demo", help="The demonstration.")


@demo_commands.command("prepare")
@click.option("--reset", is_flag=True, help="Remove everything and start over.")
def prepare(reset: bool) -> None:
    """Make the demonstration's database, or keep the one that is there."""
    from app.demo import installation
    from app.demo.names import load_invented_states
    from app.demo.script import MENTEE_CODE

    started = time.monotonic()
    try:
        made = installation.prepare(reset=reset, say=lambda words: click.echo(words))
    except installation.NotADemonstration:
        click.echo(
            "This database holds an installation that is not a demonstration, so nothing was "
            "touched.\nPoint DATABASE_URL or TANDEM_DATA to another place.",
            err=True,
        )
        sys.exit(1)
    if made:
        click.echo(f"Made in {time.monotonic() - started:.1f} seconds.")
    else:
        click.echo("Your demonstration is as you left it (./run demo --reset starts over).")
    mentee = load_invented_states()[int(MENTEE_CODE) - 1].name("en")
    click.echo(
        f"\n  Tandem's demonstration: {base_url()}\n\n"
        "  Every State, person and need in it is invented.\n"
        '  First: in the bar at the top press "Programme coordinator", open the round\n'
        f"  and look at what {mentee} needs. Stop with Ctrl-C.\n"
    )
