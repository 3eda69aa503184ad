"""The items of a joint plan: who meets whom, when, in which language. Part of the model."""

from __future__ import annotations

from enum import StrEnum

from matching.codes import Instrument
from matching.record import Amount, Flag, Key, Positive, Record, Week


class Delivery(StrEnum):
    ONLINE = "online"
    IN_PERSON = "in_person"
    HYBRID = "hybrid"


class Payment(Record):
    """What one source pays for a place, in minor units."""

    source: Key
    amount: Amount


class Place(Record):
    """One State's part in an item: persons, whether interpretation is paid for, and its cost.

    ``paid`` adds up to ``cost`` when the Problem has sources of money, and is empty otherwise.
    """

    guest: Key
    persons: Positive = 1
    interpreted: Flag = False
    cost: Amount = 0
    paid: tuple[Payment, ...] = ()


class Item(Record):
    """One item of a plan.

    * mentorship: ``offer``, its party as ``host``, one place; no week.
    * study visit: ``offer``, ``host``, ``week``, ``language``, the visit's ``themes``, a place
      for each delegation.
    * mission: ``team`` (keys of experts, the lead first), the lead's party as ``host``,
      ``week``, ``language``, the request's ``themes``, one place; no offer.
    * training: ``offer``, ``host``, ``week``, ``language``, ``delivery`` (online or in person),
      a place for each State.

    Places stand in the order of their guests' keys, themes in the order of the Problem; a
    mentorship and a training name none. The order of a team behind its lead means nothing.
    """

    instrument: Instrument
    offer: Key | None = None
    host: Key
    week: Week | None = None
    language: Key | None = None
    delivery: Delivery | None = None
    themes: tuple[Key, ...] = ()
    places: tuple[Place, ...]
    team: tuple[Key, ...] = ()
