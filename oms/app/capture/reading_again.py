"""Parked documents read again when a person asks."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract.records import RawDocument
from oms.app.capture.cases import take_cases
from oms.app.capture.intake import parser_of, take_in
from oms.app.capture.parked import resolve
from oms.app.capture.statements import take_statements
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.receivers import open_key
from oms.app.kernel.rereading import ask_again


def retry(hub: Hub, ids: Sequence[int], actor: str) -> dict[int, str]:
    """Read the stored documents again, and ask the platform for a newer one; answers id → outcome.

    "resolved" when it is understood now, else the reason why not.
    """
    outcomes: dict[int, str] = {}
    for id_ in ids:
        with hub.begin() as connection:
            rows = fetch(
                connection,
                """select shop_id, kind, external_no, data_key_id, sealed, changed_at, fetched_at
                   from parked_record where id = %s and state = 'parked' for update""",
                (id_,),
            )
            if not rows:
                outcomes[id_] = "no longer parked"
                continue
            shop_id, kind, external_no, key_id, sealed, changed_at, fetched_at = rows[0]
            body = open_key(hub, connection, key_id).unseal(sealed)
            shop = hub.masters.get(connection, hub.clock()).shops[shop_id]
            document = RawDocument(kind, external_no, body, fetched_at, changed_at)
            resolve(connection, shop_id, [external_no], actor, kind)  # Parking it once more undoes that.
            if kind == "case":
                take_cases(hub, connection, shop, parser_of(hub, shop), (document,))
            elif kind == "statement":
                take_statements(hub, connection, shop, parser_of(hub, shop), (document,))
            else:
                take_in(hub, connection, shop, (document,))
            if kind != "statement":  # Bills are told by their list alone.
                ask_again(connection, shop_id, kind, [external_no], hub.clock())
            outcomes[id_] = fetch(connection, "select state from parked_record where id = %s", (id_,))[0][0]
    hub.poke("details")
    hub.poke("advance")
    return outcomes
