"""Reading the outbox of a demonstration."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import abort
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import select
from sqlalchemy.orm import defer

from app.extensions import db
from app.notices import Mail
from app.paging import page_of_query

PER_PAGE = 25
ADDRESS = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)\]]")


def outbox(*, to: str) -> Pagination:
    """Mails, newest first, to addresses that contain some words."""
    mails = select(Mail).options(defer(Mail.text), defer(Mail.calendar)).order_by(Mail.id.desc())
    if to:
        mails = mails.where(Mail.recipient.contains(to, autoescape=True))
    return page_of_query(mails, per_page=PER_PAGE)


def one_mail(public_id: str) -> Mail:
    mail = db.session.scalar(select(Mail).where(Mail.public_id == public_id))
    if mail is None:
        abort(404)
    return mail


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a mail's text; a link where the text holds an address of this site."""

    text: str
    path: str = ""


def pieces(text: str, *, base_url: str) -> list[Piece]:
    """The text with the addresses of this site apart, so that a page can make them links."""
    found = []
    end = 0
    for match in ADDRESS.finditer(text):
        path = match.group().removeprefix(base_url)
        if path == match.group() or not path.startswith("/"):
            continue
        found += [Piece(text[end : match.start()]), Piece(match.group(), path)]
        end = match.end()
    return [*found, Piece(text[end:])]
