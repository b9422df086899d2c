"""E-waybills: what a carrier is told to give a number, what it gives, and the reasons it refuses for; part of notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from connectors.contract.errors import Refused
from connectors.contract.records import ReceiverRecord


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the carrier collects from; many carriers take only addresses that are registered with the account."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    town: str
    street: str


@dataclass(frozen=True, slots=True)
class LabelItem:
    """Goods in the package, as the label may name them."""

    name: str
    units: int


@dataclass(frozen=True, slots=True)
class LabelNotice:
    """A package that needs a number, or, with `waybill_no`, one whose label changes.

    `number` is our key: the document number and the package. Asked again with it a carrier gives the same number.
    `order_nos` are the platform's numbers of what is inside, `platform` the name warehouses know it by. `terms` are what
    the carrier agreed with the account (customer_code, product_code, branch_code …), by the connector's names. Units of
    weight are grams, amounts minor units. `package` counts the packages of one fulfilment: what is collected on delivery
    is on the label of the first.
    """

    number: str
    carrier_code: str
    sender: Sender
    receiver: ReceiverRecord
    order_nos: tuple[str, ...]
    items: tuple[LabelItem, ...]
    platform: str = "OTHER"
    token_order_no: str = ""
    weight_g: int = 0
    template_url: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    collect_amount: int = 0
    currency: str = "CNY"
    waybill_no: str = ""
    package: int = 1


@dataclass(frozen=True, slots=True)
class LabelRef:
    """Names a number to its carrier: by our key, and by itself where it is known.

    Orders name none: several packages have the same orders. A carrier that cannot be asked by our key answers nothing,
    and is requested again under it, which gives the same number.
    """

    number: str
    carrier_code: str
    waybill_no: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A number with what a printer needs; `parent_no` is the mother waybill of several packages, if there is one.

    `print_data` holds the receiver, so it is never shown in a representation of this record.
    """

    waybill_no: str
    print_data: str = field(default="", repr=False)
    parent_no: str = ""
    template_url: str = ""


@dataclass(frozen=True, slots=True)
class NumbersLeft:
    """Numbers that an account may still take of a carrier; None where the carrier does not count them."""

    carrier_code: str
    numbers: int | None
    branch_code: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a carrier goes to an address now; `until` is when an interruption ends, where it says so."""

    is_reachable: bool
    words: str = ""
    until: datetime | None = None


class LabelRefused(Refused):
    """A carrier gives or changes no label; `reason` tells the hub what to do, and leads the code."""

    reason: ClassVar[str] = "label"

    def __init__(self, words: str, *, code: str = "") -> None:
        super().__init__(words, code=f"{self.reason}/{code}" if code else self.reason)


class NumbersUsedUp(LabelRefused):
    """No numbers are left: somebody must buy some."""

    reason = "label-balance"


class Unreachable(LabelRefused):
    """The carrier does not go to this address, or not now."""

    reason = "label-unreachable"


class SenderUnknown(LabelRefused):
    """The sender's address is not registered with the account."""

    reason = "label-sender"


class TokenStale(LabelRefused):
    """The platform's token of the receiver has run out or belongs to another order: it must be read anew."""

    reason = "label-token"


class ReceiverMasked(LabelRefused):
    """The receiver is masked, and no token of it is one that this carrier opens: the label would bear stars."""

    reason = "label-masked"


class CannotCollect(LabelRefused):
    """Labels of this account do not have the carrier collect the buyer's money."""

    reason = "label-cod"


class LabelInUse(LabelRefused):
    """The parcel was collected already, so that its label can neither change nor be cancelled."""

    reason = "label-in-use"
