"""A rough day with every share on and an unreliable hub: what the hub was told adds up to what truly left."""

from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from werkzeug.wrappers import Response

from .documents import a_cancel, a_delivery, a_line
from .harness import BUSY, Caller, Hub, verdict

SHARES = {
    "partial": 0.4, "duplicate_confirm": 0.3, "out_of_order": 0.3, "multi_package": 0.4, "batches": 0.4,
    "lack": 0.2, "reject": 0.1,
}  # fmt: skip
ORDERS = 30


def lines(rng: Random) -> list[dict[str, Any]]:
    return [a_line(n, itemCode=f"SKU-{n}", planQty=str(rng.randint(1, 3))) for n in range(1, rng.randint(2, 4))]


def a_rough_day(caller: Caller, hub: Hub, rng: Random) -> dict[str, bool]:
    """Create, repeat and cancel orders while time passes; which codes were cancelled successfully."""
    hub.answers = [Response(BUSY) for _ in range(60)]
    cancelled = {}
    for number in range(ORDERS):
        body = a_delivery(f"DO{number}", lines(rng))
        for _ in range(rng.choice((1, 1, 2))):
            caller.send("deliveryorder.create", body)
        caller.pass_time(rng.randint(0, 4))
        if rng.random() < 0.4:
            code = f"DO{rng.randint(0, number)}"
            answer = verdict(caller.send("order.cancel", a_cancel(code)))
            cancelled[code] = cancelled.get(code, False) or answer[0] == "success"
    caller.pass_time(600, step=10)
    return cancelled


def told(hub: Hub) -> dict[str, dict[str, Element]]:
    """Confirmations by order and message code: a repeat counts once."""
    found: dict[str, dict[str, Element]] = defaultdict(dict)
    for root in hub.documents("deliveryorder.confirm"):
        code, message = (root.findtext(f"deliveryOrder/{name}") for name in ("deliveryOrderCode", "outBizCode"))
        assert code is not None
        assert message is not None
        found[code][message] = root
    return found


def units(root: Element, path: str) -> int:
    return sum(int(node.text or 0) for node in root.findall(path))


@pytest.mark.parametrize("seed", [1, 2])
def test_confirmations_add_up_to_what_left(start: Callable[..., Caller], hub: Hub, seed: int) -> None:
    caller = start(process_reports=False, shares=SHARES)
    cancelled = a_rough_day(caller, hub, Random(seed))
    confirmed = told(hub)
    book = caller.client.get("/_twin/ledger").get_json()
    assert len(book["orders"]) == ORDERS
    assert set(book["callbacks"]) == {"answered"}
    for order in book["orders"]:
        messages = confirmed.get(order["code"], {}).values()
        left = sum(line["actual"] for line in order["lines"])
        assert left == sum(units(root, "orderLines/orderLine/actualQty") for root in messages)
        assert left == sum(units(root, "packages/package/items/item/quantity") for root in messages)
        assert left == sum(units(root, "orderLines/orderLine/batchs/batch/actualQty") for root in messages)
        assert left == sum(item["quantity"] for parcel in order["parcels"] for item in parcel["items"])
        kinds = sorted(root.findtext("deliveryOrder/confirmType") or "" for root in messages)
        assert kinds in ([], ["0"], ["0", "1"])
        assert not (cancelled.get(order["code"]) and left)


def test_express_numbers_stay_unique_over_a_rough_day(start: Callable[..., Caller], hub: Hub) -> None:
    caller = start(process_reports=False, shares=SHARES)
    a_rough_day(caller, hub, Random(3))
    parcels = [p for order in caller.client.get("/_twin/ledger").get_json()["orders"] for p in order["parcels"]]
    assert len({parcel["express_code"] for parcel in parcels}) == len(parcels) > ORDERS / 2
