"""Falsifies one shipment in a twin's ledger, to prove that the comparison notices."""

from __future__ import annotations

import random
from typing import Final

from oms.demo.twins import Twins

#: Whose ledger: the warehouse's, or with "notice" the platform's.
TAMPER: Final = ("remove", "double", "remove-notice", "double-notice")


def tamper(twins: Twins, how: str, seed: int) -> str:
    """Let one seeded shipment be forgotten, or happen twice; answers the number of the platform's order."""
    rng = random.Random(f"tamper:{seed}")
    verb, _, notice = how.partition("-")
    if notice:
        shipments = [shipment for trade in twins.taobao.ledger()["trades"] for shipment in trade["shipments"]]
        chosen = rng.choice([shipment for shipment in shipments if shipment["kind"] != "resend"])
        twins.taobao.post(f"shipments/{chosen['id']}/{'forget' if verb == 'remove' else 'double'}")
        return str(chosen["tid"])
    chosen = rng.choice([order for order in twins.qimen.ledger()["orders"] if order["parcels"]])
    twins.qimen.post("tamper", **{f"{verb}_shipment": chosen["code"]})
    return str(chosen["source_orders"][0]).partition("-")[0]
