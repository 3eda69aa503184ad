"""Mail: written to the outbox with the change that causes it, sent after the commit.

A mail is never lost and never sent before its cause is stored; if the worker dies between
handing it over and noting so, it is sent again under the same Message-ID.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import CheckConstraint, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, IntPk, PublicId, now
from app.extensions import db

RETRY_AFTER = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 20


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Mail(Base):
    """One mail to one address, in its reader's language."""

    __tablename__ = "mail"
    __table_args__ = (CheckConstraint("state IN ('waiting', 'sent', 'given_up')", name="state"),)

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    calendar: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[MailState] = mapped_column(String(16), default=MailState.WAITING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[dt.datetime] = mapped_column(default=now)
    written_at: Mapped[dt.datetime] = mapped_column(default=now)
    sent_at: Mapped[dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail to write: ``templates/mail/<template>.txt``, its first line the subject."""

    to: str
    language: str
    template: str
    words: dict[str, Any] = field(default_factory=dict)
    calendar: bytes | None = None


def write(notice: Notice) -> Mail:
    """Put a mail into the outbox, in the same transaction as what it tells of."""
    with force_locale(notice.language):
        body = render_template(f"mail/{notice.template}.txt", **notice.words)
    subject, _, text = body.strip().partition("\n")
    host = current_app.config["BASE_URL"].split("://")[-1].split("/")[0].split(":")[0]
    mail = Mail(
        message_id=f"<{secrets.token_hex(16)}@{host}>",
        recipient=_one_line(notice.to),
        language=notice.language,
        subject=_one_line(subject)[:300],
        text=text.strip() + "\n",
        calendar=notice.calendar,
    )
    db.session.add(mail)
    return mail


def deliver_due() -> int:
    """Send what waits; commit after each mail. Returns how many were sent.

    While a mail server is spoken to no transaction is open: a slow one keeps nobody waiting.
    """
    due = select(Mail.id).where(Mail.state == MailState.WAITING, Mail.next_try_at <= now())
    waiting = db.session.scalars(due.order_by(Mail.id)).all()
    db.session.rollback()
    return sum(_deliver(mail_id) for mail_id in waiting)


def _deliver(mail_id: int) -> bool:
    message = _message(db.session.get_one(Mail, mail_id))
    db.session.rollback()
    error = _hand_over(message)
    mail = db.session.get_one(Mail, mail_id)
    mail.attempts += 1
    if error is None:
        mail.state, mail.sent_at = MailState.SENT, now()
    else:
        current_app.logger.warning("mail %s not sent: %s", mail.public_id, error)
        mail.next_try_at = now() + RETRY_AFTER
        # An address that can't be written to will not get better by waiting.
        if mail.attempts >= MOST_ATTEMPTS or isinstance(error, ValueError):
            mail.state = MailState.GIVEN_UP
    db.session.commit()
    return error is None


def _message(mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject, mail.text, to=[mail.recipient], headers={"Message-ID": mail.message_id}
    )
    if mail.calendar:
        message.attach("invitation.ics", mail.calendar.decode(), "text/calendar")
    return message


def _hand_over(message: EmailMultiAlternatives) -> Exception | None:
    """Give a mail to the mail server; returns what went wrong, if anything did."""
    if not current_app.config["MAIL_SERVER"]:
        # No mail server, as in a demonstration: the outbox page is where mail is read.
        return None
    try:
        message.send()
    except (OSError, ValueError) as error:
        return error
    return None


def _one_line(text: str) -> str:
    """Header text: a line break in it could add headers of its own."""
    return " ".join(text.split())
