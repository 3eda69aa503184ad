"""``flask people invite``: the first administrator of an installation."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.accounts.administration import invite
from app.accounts.models import Role
from app.errors import DomainError
from app.extensions import db
from app.i18n import COMPLETE_LANGUAGES, link

people_commands = AppGroup("people", help="People who sign in.")


@people_commands.command("invite")
@click.argument("email")
@click.argument("name")
@click.option("--language", type=click.Choice(COMPLETE_LANGUAGES), default="en", show_default=True)
def invite_administrator(email: str, name: str, language: str) -> None:
    """Invite an administrator, who then invites everybody else on the page "People".

    The invitation is mailed, and its link printed for installations without mail as yet.
    """
    try:
        token = invite(
            email=email, name=name, roles=[Role.ADMINISTRATOR], language=language, by=None
        )
    except DomainError as refusal:
        click.echo(refusal.words(), err=True)
        sys.exit(1)
    db.session.commit()
    click.echo(link("accounts.invitation", token=token))
