"""Sealed receivers: what is stored of one, and showing it to a person with a reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from connectors.contract.records import OrderRecord, ReceiverRecord
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of, copy_rows
from oms.db.sealed import DataKey, KeyRing
from oms.domain.errors import Invalid, NotFound
from oms.domain.same_receiver import same_address, same_name, same_phone


def sealed_receiver(key: DataKey, record: OrderRecord) -> bytes:
    """The receiver, messages and memo of an order, sealed with its data key."""
    return sealed_person(key, record.receiver, record.buyer_message, record.seller_memo)


def sealed_person(key: DataKey, person: ReceiverRecord, message: str, memo: str) -> bytes:
    """The same of its parts."""
    where = {"latitude": person.latitude, "longitude": person.longitude} if person.latitude is not None else {}
    mail = {"email": person.email} if person.email else {}
    return key.seal(
        orjson.dumps(
            {
                "name": person.name,
                "phone": person.phone,
                "telephone": person.telephone,
                "town": person.town,
                "address": person.address,
                "postcode": person.postcode,
                "tokens": dict(person.tokens),
                "identity": person.identity,
                "message": message,
                "memo": memo,
                **where,
                **mail,
            }
        )
    )


#: What of a receiver may have to be equal for orders to leave as one; its address always has to.
RECEIVER_PARTS: Final = ("name", "phone")


def receiver_key(keys: KeyRing, person: ReceiverRecord) -> bytes:
    """What orders for one receiver have in common, however it is written.

    Of masked ones that is the platform's own word for one person at one address, or the divisions: never masked text.
    """
    return keys.blind(*_seen_as(person))


def receiver_keys(keys: KeyRing, person: ReceiverRecord) -> set[bytes]:
    """The same under every master key and as earlier releases wrote it: what an order of that time may hold."""
    return keys.blinds(*_seen_as(person)) | keys.blinds(*_once_seen_as(person))


def matching_key(keys: KeyRing, person: ReceiverRecord, parts: Collection[str]) -> bytes:
    """The same where only some of RECEIVER_PARTS count besides the address."""
    if person.masked or set(parts) >= set(RECEIVER_PARTS):
        return receiver_key(keys, person)
    seen = [same_name(person.name) if "name" in parts else "", _phone(person) if "phone" in parts else ""]
    return keys.blind("matching", "\x1f".join([*seen, _address(person)]))


def _seen_as(person: ReceiverRecord) -> tuple[str, str]:
    if person.masked:
        return ("identity", person.identity) if person.identity else _once_seen_as(person)
    return "one receiver", "\x1f".join((same_name(person.name), _phone(person), _address(person)))


def _phone(person: ReceiverRecord) -> str:
    return same_phone(person.phone.strip() or person.telephone.strip())


def _address(person: ReceiverRecord) -> str:
    return same_address(person.state, person.city, person.district, person.town, person.address)


def _once_seen_as(person: ReceiverRecord) -> tuple[str, str]:
    where = f"{person.state}|{person.city}|{person.district}"
    if person.masked:
        return "place", where
    return "receiver", "|".join((person.name, person.phone, where, person.town, person.address))


def open_key(hub: Hub, connection: Connection, key_id: int) -> DataKey:
    """An order's data key; NotFound when it was erased."""
    rows = fetch(connection, "select master_key_id, wrapped from data_key where id = %s", (key_id,))
    if not rows:
        raise NotFound("this buyer's details were erased")
    return hub.keys.open_data_key(key_id, *rows[0])


PARTS: Final = {
    "name": ("name",), "phone": ("phone", "telephone"), "address": ("state", "city", "district", "town", "address"),
}  # fmt: skip


def parts_that_differ(one: ReceiverRecord, other: ReceiverRecord) -> list[str]:
    """Which parts of two receivers are not the same."""
    return [part for part, names in PARTS.items() if any(getattr(one, name) != getattr(other, name) for name in names)]


Opened = tuple[ReceiverRecord, dict[str, Any]]


def open_receiver(hub: Hub, connection: Connection, order_id: int) -> Opened:
    """The plain receiver of an order as far as it was given to us, and its message and memo; NotFound when erased."""
    opened = open_receivers(hub, connection, [order_id])
    if order_id not in opened:
        raise NotFound("this buyer's details were erased")
    return opened[order_id]


def open_receivers(hub: Hub, connection: Connection, order_ids: Sequence[int]) -> dict[int, Opened]:
    """The same of many orders by their ids; those whose details were erased are left out."""
    rows = fetch(
        connection,
        """select r.order_id, k.master_key_id, k.wrapped, r.sealed, r.is_masked, r.country, r.state, r.city, r.district
           from receiver r join data_key k on k.id = r.order_id where r.order_id = any(%s)""",
        (array_of(order_ids),),
    )
    return {
        order_id: _opened(hub.keys.open_data_key(order_id, master_key_id, wrapped), *kept)
        for order_id, master_key_id, wrapped, *kept in rows
    }


def _opened(key: DataKey, sealed: bytes, masked: bool, country: str, state: str, city: str, district: str) -> Opened:
    kept = orjson.loads(key.unseal(sealed))
    person = ReceiverRecord(
        name=kept["name"], phone=kept["phone"], telephone=kept["telephone"], country=country, state=state, city=city,
        district=district, town=kept["town"], address=kept["address"], postcode=kept["postcode"], masked=masked,
        tokens=kept["tokens"], identity=kept.get("identity", ""), latitude=kept.get("latitude"),
        longitude=kept.get("longitude"), email=kept.get("email", ""),
    )  # fmt: skip
    return person, {"message": kept["message"], "memo": kept["memo"]}


def address_line(opened: Opened) -> str:
    """An address in one line as geocoders are asked for it; empty for a masked receiver."""
    person = opened[0]
    if person.masked or not person.address.strip():
        return ""
    return f"{person.state}{person.city}{person.district}{person.town}{person.address}"


def unmask(hub: Hub, connection: Connection, order_id: int, actor: str, reason: str) -> ReceiverRecord:
    """Show a receiver to a person; the reason goes into the order's timeline in the same transaction."""
    if not reason.strip():
        raise Invalid("reason", "a reason is needed", "say why the plain receiver is needed")
    person, _ = open_receiver(hub, connection, order_id)
    rows = fetch(connection, "select date_trunc('month', captured_at)::date from orders where id = %s", (order_id,))
    event = (rows[0][0], order_id, hub.ids.take(connection, 1)[0], "receiver_unmasked", actor, hub.clock())
    columns = ("month", "order_id", "id", "kind", "actor", "at", "detail")
    copy_rows(connection, "event", columns, [(*event, {"reason": reason.strip()[:200]})])
    return person
