"""Mail leaves after the commit, through a real mail server, and is never lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app import notices
from app.extensions import db
from app.notices import Mail, MailState, Notice
from tests.processes import free_port, start, wait_for


class Mailbox:
    """What a mail server on loopback received; it can refuse, or kill the sender mid-way."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.refuse = False
        self.kill: int | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return "451 try again later"
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.kill:
            victim, self.kill = self.kill, None
            os.kill(victim, signal.SIGKILL)
        return "250 accepted"


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    handler = Mailbox()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    before = {key: app.config[key] for key in ("MAIL_SERVER", "MAIL_PORT", "MAIL_USE_TLS")}
    configure(app, "127.0.0.1", port)
    yield handler
    configure(app, str(before["MAIL_SERVER"]), int(before["MAIL_PORT"]))
    controller.stop()


def configure(app: Flask, host: str, port: int) -> None:
    from app.extensions import mail

    app.config.update(MAIL_SERVER=host, MAIL_PORT=port, MAIL_USE_TLS=False)
    mail.init_app(app)


def written(to: str = "reader@example.org", language: str = "en") -> Mail:
    mail = notices.write(Notice(to, language, "accounts_password_changed", {}))
    db.session.flush()
    return mail


def test_a_mail_is_sent_once_after_the_commit(app: Flask, mailbox: Mailbox) -> None:
    written()
    db.session.rollback()
    assert notices.deliver_due() == 0

    written()
    db.session.commit()
    assert (notices.deliver_due(), notices.deliver_due()) == (1, 0)
    assert [mail["To"] for mail in mailbox.received] == ["reader@example.org"]


def test_a_server_that_refuses_is_asked_again_later(app: Flask, mailbox: Mailbox) -> None:
    written()
    db.session.commit()
    mailbox.refuse = True
    assert notices.deliver_due() == 0
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.state, mail.attempts) == (MailState.WAITING, 1)

    mailbox.refuse = False
    assert notices.deliver_due() == 0, "not before its time"
    mail = db.session.scalars(select(Mail)).one()
    mail.next_try_at = mail.written_at
    db.session.commit()
    assert notices.deliver_due() == 1


def test_a_line_break_can_not_add_headers_and_holds_up_no_other_mail(
    app: Flask, mailbox: Mailbox
) -> None:
    written(to="reader@example.org\r\nBcc: spy@example.org")
    written(to="other@example.org")
    db.session.commit()
    assert notices.deliver_due() == 1
    assert [(mail["To"], mail["Bcc"]) for mail in mailbox.received] == [("other@example.org", None)]
    states = db.session.scalars(select(Mail.state).order_by(Mail.id)).all()
    assert states == [MailState.GIVEN_UP, MailState.SENT]


def test_a_worker_killed_while_mailing_sends_again_under_the_same_id(
    app: Flask, mailbox: Mailbox
) -> None:
    written()
    db.session.commit()
    words = ("-m", "flask", "worker")
    changes = {
        "MAIL_HOST": str(app.config["MAIL_SERVER"]),
        "MAIL_PORT": str(app.config["MAIL_PORT"]),
        "MAIL_TLS": "no",
    }
    first = start(app, *words, **changes)
    mailbox.kill = first.pid
    try:
        first.wait(timeout=60)
    finally:
        # One that lives on would take the mails of the next test.
        first.kill()
        first.wait()
    assert len(mailbox.received) == 1

    second = start(app, *words, **changes)
    try:
        wait_for(lambda: sent(), seconds=30)
    finally:
        second.terminate()
        second.wait(timeout=30)
    assert len({mail["Message-ID"] for mail in mailbox.received}) == 1
    assert 1 <= len(mailbox.received) <= 2


def sent() -> bool:
    """Whether the mail is noted as sent; lets go of the lock at once."""
    found = db.session.scalars(select(Mail.state)).all() == [MailState.SENT]
    db.session.rollback()
    return found
