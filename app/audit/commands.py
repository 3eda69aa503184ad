"""``flask audit verify`` and ``flask audit anchor``."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app import notices
from app.audit.actions import anchor_of, parse_anchor, verify_chain
from app.extensions import db
from app.notices import Notice

audit_commands = AppGroup("audit", help="The audit trail.")


@audit_commands.command("verify")
@click.option("--anchor", help="NUMBER:HASH of an entry kept outside; detects truncation.")
def verify(anchor: str | None) -> None:
    """Recompute the whole chain; exit with 1 if it does not hold."""
    try:
        kept = parse_anchor(anchor) if anchor else None
    except ValueError as error:
        raise click.BadParameter("expected NUMBER:HASH, as printed by 'audit anchor'") from error
    verdict = verify_chain(anchor=kept)
    for found in verdict.breaks:
        click.echo(f"entry {found.entry_id}: {found.why}", err=True)
    counted = "1 entry" if verdict.entries == 1 else f"{verdict.entries} entries"
    click.echo(f"{counted}, head {anchor_of(verdict)}")
    sys.exit(0 if verdict.holds else 1)


@audit_commands.command("anchor")
@click.option("--to", "address", help="Also mail it to this address, for whoever keeps it.")
@click.option("--language", default="en", show_default=True, help="Language of that mail.")
def anchor(address: str | None, language: str) -> None:
    """Print the end of the chain as NUMBER:HASH, to be kept where nobody can rewrite it.

    Prints nothing and exits with 1 if the chain does not hold.
    """
    verdict = verify_chain()
    if not verdict.holds:
        click.echo("The chain does not hold; see 'audit verify'.", err=True)
        sys.exit(1)
    click.echo(anchor_of(verdict))
    if address:
        words = {"anchor": anchor_of(verdict), "entries": verdict.entries}
        notices.write(Notice(address, language, "audit_anchor", words))
        db.session.commit()
