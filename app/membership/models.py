"""States, their languages, and the roster of the Network."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk, PublicId, now
from app.i18n import reader_locale
from app.membership import catalogue


class RegionalGroup(StrEnum):
    """The regional groups of the United Nations."""

    AFRICAN = "african"
    ASIA_PACIFIC = "asia_pacific"
    EASTERN_EUROPEAN = "eastern_european"
    GRULAC = "grulac"
    WEOG = "weog"

    @property
    def label(self) -> str:
        return catalogue.group_name(self)


class Status(StrEnum):
    """A State's place on the roster, by its formal letter; never the result of a form."""

    MEMBER = "member"
    OBSERVER = "observer"

    @property
    def label(self) -> Any:
        return STATUS_LABELS[self]


STATUS_LABELS = {Status.MEMBER: _l("Member"), Status.OBSERVER: _l("Observer")}
NOT_ON_ROSTER = _l("Not on the roster")


class LanguageLevel(StrEnum):
    """What officials of a mechanism can do in a language."""

    FOLLOW = "follow"
    WORK = "work"
    LEAD = "lead"

    @property
    def label(self) -> Any:
        return {
            LanguageLevel.FOLLOW: _l("can follow"),
            LanguageLevel.WORK: _l("can work"),
            LanguageLevel.LEAD: _l("can lead"),
        }[self]


class State(Base):
    """A State and the public facts about it. In a demonstration its name is invented."""

    __tablename__ = "state"

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    # ISO 3166 alpha-3; an invented code in a demonstration.
    code: Mapped[str] = mapped_column(String(8), unique=True)
    names: Mapped[dict[str, Any]]
    mechanism_names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    regional_group: Mapped[RegionalGroup | None] = mapped_column(String(32), index=True)
    sub_region: Mapped[str] = mapped_column(String(48))
    sub_networks: Mapped[list[str]] = mapped_column(default=list)
    zone: Mapped[str] = mapped_column(String(64))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    # Hints of context (codes of the catalogue): small island, least developed, landlocked, federal.
    context: Mapped[list[str]] = mapped_column(default=list)
    changed_at: Mapped[dt.datetime] = mapped_column(default=now, onupdate=now)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    roster_entry: Mapped[RosterEntry | None] = relationship(
        back_populates="state", uselist=False, lazy="joined"
    )
    languages: Mapped[list[StateLanguage]] = relationship(
        back_populates="state", cascade="all, delete-orphan", order_by="StateLanguage.code"
    )

    @property
    def name(self) -> str:
        """The State's name in the reader's language."""
        return self.name_in(reader_locale().language)

    def name_in(self, language: str) -> str:
        return str(self.names.get(language) or self.names["en"])

    @property
    def mechanism_name(self) -> str:
        """The mechanism's name in the reader's language, else in one it has; empty if in none."""
        names = {code: str(name) for code, name in self.mechanism_names.items() if name}
        wanted = reader_locale().language
        return names.get(wanted) or names.get("en") or next(iter(names.values()), "")

    @property
    def status(self) -> Status | None:
        return Status(self.roster_entry.status) if self.roster_entry else None

    @property
    def status_label(self) -> Any:
        return self.status.label if self.status else NOT_ON_ROSTER

    @property
    def group_label(self) -> str:
        return catalogue.group_name(self.regional_group)

    @property
    def sub_region_label(self) -> str:
        return catalogue.sub_region_name(self.sub_region)

    @property
    def sub_network_labels(self) -> list[str]:
        return [catalogue.sub_network_name(code) for code in self.sub_networks]

    @property
    def context_labels(self) -> list[str]:
        return [catalogue.context_name(code) for code in self.context]


class RosterEntry(Base):
    """A State on the Network's roster, by letter."""

    __tablename__ = "roster_entry"
    __table_args__ = (CheckConstraint("status IN ('member', 'observer')", name="status"),)

    id: Mapped[IntPk]
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), unique=True)
    status: Mapped[Status] = mapped_column(String(16))
    since: Mapped[dt.date]
    # How the letter is filed, for example its number and date.
    letter: Mapped[str] = mapped_column(String(200), default="")
    # Function mailbox of the mechanism, where mail goes that must outlive a person.
    mailbox: Mapped[str | None] = mapped_column(String(254))
    entered_at: Mapped[dt.datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column()

    state: Mapped[State] = relationship(back_populates="roster_entry")

    __mapper_args__ = {"version_id_col": version}


class StateLanguage(Base):
    """A language in which a mechanism can meet others, and how well."""

    __tablename__ = "state_language"
    __table_args__ = (
        UniqueConstraint("state_id", "code"),
        CheckConstraint("level IN ('follow', 'work', 'lead')", name="level"),
    )

    id: Mapped[IntPk]
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(16))
    level: Mapped[LanguageLevel] = mapped_column(String(8))

    state: Mapped[State] = relationship(back_populates="languages")

    @property
    def level_label(self) -> Any:
        return LanguageLevel(self.level).label
