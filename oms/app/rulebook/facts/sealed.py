"""Facts of what is sealed: the receiver's name, phone and street, memo and message. Never written down in plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.receivers import Opened, open_receivers
from oms.app.kernel.work import OrderWork
from oms.app.rulebook.facts.binding import SEALED_REASON, Fact, Facts, LookUp
from rules.facts import UNKNOWN
from rules.model import ValueType as V


def _load(batch: Batch, orders: Sequence[OrderWork]) -> dict[int, Opened]:
    return open_receivers(batch.hub, batch.connection, [order.id for order in orders])


OPENED: Final = LookUp[Opened | None]("opened receivers", _load, None)


def _part(field: str) -> Any:
    """A part of the receiver; unknown of a masked one and once it is erased."""

    def value(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        opened = None if order.is_masked else OPENED.of(batch, order)
        return UNKNOWN if opened is None else getattr(opened[0], field)

    return value


def _words(field: str) -> Any:
    """What the buyer or seller wrote, which platforms do not mask; unknown once it is erased."""

    def value(order: OrderWork, _shop: ShopCard, batch: Batch) -> Any:
        opened = OPENED.of(batch, order)
        return UNKNOWN if opened is None else opened[1][field]

    return value


def _phone(order: OrderWork, shop: ShopCard, batch: Batch) -> Any:
    phone = _part("phone")(order, shop, batch)
    return phone if phone is UNKNOWN or phone.strip() else _part("telephone")(order, shop, batch)


def _fact(subject: str, name: str, zh: str, en: str, bind: Any) -> Fact:
    return Facts(subject, may_be_unknown=True)(name, V.TEXT, zh, en, None, bind, reason=SEALED_REASON, is_sealed=True)


FACTS: Final = (
    _fact("receiver", "name", "收货人姓名", "receiver's name", _part("name")),
    _fact("receiver", "phone", "收货人电话", "receiver's phone", _phone),
    _fact("receiver", "town", "乡镇街道", "town", _part("town")),
    _fact("receiver", "street", "详细地址", "street", _part("address")),
    _fact("receiver", "postcode", "邮编", "postcode", _part("postcode")),
    _fact("order", "memo", "卖家备注内容", "memo", _words("memo")),
    _fact("order", "message", "买家留言内容", "message of the buyer", _words("message")),
)  # fmt: skip
