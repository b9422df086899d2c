"""Stores another receiver for an order, as a person typed it in; what a platform tells goes another way (capture)."""

from __future__ import annotations

from connectors.contract.records import ReceiverRecord
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_key, open_receiver, receiver_key, sealed_person
from oms.app.kernel.work import OrderWork
from oms.db.bulk import psycopg_connection
from oms.domain.receivers import plain_address, plain_phone

STORED = """
update receiver set sealed = %s, is_masked = false, country = %s, division_code = %s, state = %s, city = %s,
  district = %s, blind_key_id = %s, phone_blind = %s, phone_tail_blind = %s, name_blind = %s, address_blind = %s,
  oddities = '{}', version = version + 1 where order_id = %s"""


def store_receiver(batch: Batch, order: OrderWork, person: ReceiverRecord) -> None:
    """Put a plain receiver in the place of the one we hold; messages and memo stay."""
    hub, connection = batch.hub, batch.connection
    _, words = open_receiver(hub, connection, order.id)
    sealed = sealed_person(open_key(hub, connection, order.id), person, words["message"], words["memo"])
    order.division_code = hub.places.code(connection, person.state, person.city, person.district)
    order.receiver_key, order.is_masked = receiver_key(hub.keys, person), False
    order.oddities = order.lacking = ()
    blind, phone = hub.keys.blind, plain_phone(person.phone.strip() or person.telephone.strip())
    where = person.state + person.city + person.district + person.town + person.address
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            STORED,
            (sealed, person.country, order.division_code, person.state, person.city, person.district, hub.keys.current,
             blind("phone", phone) if phone else None, blind("tail", phone[-4:]) if phone else None,
             blind("name", person.name), blind("address", plain_address(where)), order.id),
        )  # fmt: skip
        cursor.execute(
            "update orders set receiver_key = %s, is_masked = false, division_code = %s where id = %s",
            (order.receiver_key, order.division_code, order.id),
        )


def is_kept(batch: Batch, order_id: int, told: set[bytes]) -> bool:
    """Whether people changed the receiver that a platform still tells by one of these keys."""
    question = "select 1 from label_change where order_id = %s and state = 'confirmed' and was_key = any(%s)"
    return bool(fetch(batch.connection, question, (order_id, list(told))))
