"""Writing parcels back in each place a shop may keep them: whole, split, several, again, changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
import requests

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import ShipmentNotice
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.woocommerce.papers import NO, a_refund, an_item, an_order, error_body
from tests.connectors.marketplaces.woocommerce.stage import Stage

FULFILLMENTS = f"orders/{NO}/fulfillments"
TRACKINGS = f"wc-shipment-tracking/v3/orders/{NO}/shipment-trackings"
NOTES = f"orders/{NO}/notes"
ORDER = f"orders/{NO}"
TWO = (an_item(1), an_item(2))


def a_parcel(waybill: str = "JD001", *lines: str, carrier: str = "JD") -> ShipmentNotice:
    return ShipmentNotice(NO, carrier, waybill, whole=not lines, shipped_at=NOW, line_nos=lines)


class Shop(Stage):
    """A shop that keeps what it is told: one order, its parcels, its notes."""

    def __init__(self, *places: str, items: tuple[dict[str, Any], ...] = TWO, **settings: str) -> None:
        super().__init__(**settings)
        self.order = an_order(*items)
        self.fulfillments: list[dict[str, Any]] = []
        self.trackings: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.answers[f"GET {ORDER}"] = lambda query, payload: (200, self.order)
        self.answers[f"PUT {ORDER}"] = self._change
        self.answers[f"GET {NOTES}"] = lambda query, payload: (200, self.notes)
        self.answers[f"POST {NOTES}"] = self._keep(self.notes, "id")
        if "fulfillments" in places:
            self.answers[f"GET {FULFILLMENTS}"] = lambda query, payload: (200, self.fulfillments)
            self.answers[f"POST {FULFILLMENTS}"] = self._fulfil
        if "tracking" in places:
            self.answers[f"GET {TRACKINGS}"] = lambda query, payload: (200, self.trackings)
            self.answers[f"POST {TRACKINGS}"] = self._keep(self.trackings, "tracking_id")

    def _change(self, query: dict[str, str], payload: Any) -> tuple[int, Any]:
        for entry in payload.pop("meta_data", []):
            kept = [old for old in self.order["meta_data"] if old["key"] != entry["key"]]
            self.order["meta_data"] = [*kept, {"id": len(kept) + 1, **entry}]
        self.order |= payload
        return 200, self.order

    def _fulfil(self, query: dict[str, str], payload: Any) -> tuple[int, Any]:
        """As the shop does: entries without an id are passed over, items must be whole numbers."""
        payload["meta_data"] = [entry for entry in payload["meta_data"] if "id" in entry]
        items = next((entry["value"] for entry in payload["meta_data"] if entry["key"] == "_items"), [])
        if not items or not all(type(item["item_id"]) is type(item["qty"]) is int for item in items):
            return 400, error_body("0", "The fulfillment should contain at least one item.")
        return self._keep(self.fulfillments, "id")(query, payload)  # type: ignore[no-any-return]

    @staticmethod
    def _keep(rows: list[dict[str, Any]], key: str) -> Any:
        def keep(query: dict[str, str], payload: Any) -> tuple[int, Any]:
            number: Any = len(rows) + 1
            rows.append({key: f"t{number}" if key == "tracking_id" else number, **payload})
            return 201, rows[-1]

        return keep

    def posts(self) -> list[str]:
        return [name for name, _ in self.writes() if name.startswith("POST")]


@pytest.mark.parametrize("place", ["fulfillments", "tracking", "notes"])
def test_a_whole_order_is_written_once_and_found_and_completed(place: str):
    with Shop(place) as shop:
        assert shop.woo.push_shipment(a_parcel()).reference == "JD001"
        assert shop.order["status"] == "completed"
        assert shop.woo.find_shipment(NO).waybills == {"901": "JD001", "902": "JD001"}
        before = len(shop.writes())
        assert "already" in shop.woo.push_shipment(a_parcel()).words
        assert len(shop.writes()) == before


@pytest.mark.parametrize("place", ["fulfillments", "tracking", "notes"])
def test_split_parcels_complete_the_order_with_the_last_one(place: str):
    with Shop(place) as shop:
        shop.woo.push_shipment(a_parcel("A1", "901", "950"))
        assert shop.order["status"] == "processing"
        assert shop.woo.find_shipment(NO).waybills == {"901": "A1"}
        shop.woo.push_shipment(a_parcel("B2", "902"))
        assert shop.order["status"] == "completed"
        assert shop.woo.find_shipment(NO).waybills == {"901": "A1", "902": "B2"}


def test_a_fulfillment_is_written_as_woocommerce_checks_it():
    with Shop("fulfillments") as shop:
        shop.woo.push_shipment(a_parcel("1Z9", "901", carrier="UPS"))
        (sent,) = shop.fulfillments
    meta = {entry["key"]: entry["value"] for entry in sent["meta_data"]}
    assert (sent["status"], sent["is_fulfilled"], sent["notify_customer"]) == ("fulfilled", True, True)
    assert meta == {
        "_tracking_number": "1Z9",
        "_shipment_provider": "ups",
        "_provider_name": "UPS",
        "_tracking_url": "https://t.17track.net/en#nums=1Z9",
        "_items": [{"item_id": 901, "qty": 2}],
    }


def test_a_carrier_the_shop_does_not_list_goes_by_its_name():
    with Shop("fulfillments", notify_buyer="no") as shop:
        shop.woo.push_shipment(a_parcel("ZT1", "901", carrier="ZTO"))
        shop.woo.push_shipment(a_parcel("PN1", "902", carrier="POSTNL"))
        metas = [{entry["key"]: entry["value"] for entry in row["meta_data"]} for row in shop.fulfillments]
        assert not shop.fulfillments[0]["notify_customer"]
    assert [(m["_shipment_provider"], m["_provider_name"]) for m in metas] == [
        ("other", "ZTO Express"),
        ("other", "POSTNL"),
    ]


def test_a_tracking_item_is_written_with_a_provider_of_our_own():
    with Shop("tracking") as shop:
        shop.woo.push_shipment(a_parcel("SF1", carrier="SF"))
        assert shop.trackings == [
            {
                "tracking_id": "t1",
                "custom_tracking_provider": "SF Express",
                "custom_tracking_link": "https://t.17track.net/en#nums=%1$s",
                "tracking_number": "SF1",
                "date_shipped": "2026-03-02",
            }
        ]


def test_without_any_extension_the_buyer_reads_a_note():
    with Shop() as shop:
        shop.woo.push_shipment(a_parcel("SF1", carrier="SF"))
        assert shop.notes == [
            {"id": 1, "note": "SF Express SF1 https://t.17track.net/en#nums=SF1", "customer_note": True}
        ]
        entry = orjson.loads(shop.order["meta_data"][0]["value"])
    assert entry == {"SF1": ["SF", {"901": 2, "902": 2}]}


def test_a_status_lost_after_the_parcel_is_set_when_it_is_asked_again():
    with Shop("fulfillments") as shop:
        change = shop.answers[f"PUT {ORDER}"]
        shop.answers[f"PUT {ORDER}"] = 502, b""
        with pytest.raises(OutcomeUnknown):
            shop.woo.push_shipment(a_parcel())
        assert shop.woo.find_shipment(NO).waybills == {}
        shop.answers[f"PUT {ORDER}"] = change
        shop.woo.push_shipment(a_parcel())
        assert shop.order["status"] == "completed"
        assert shop.posts() == [f"POST {FULFILLMENTS}"]


def test_a_parcel_whose_answer_was_lost_is_found():
    with Shop("fulfillments") as shop:
        keep = shop.answers[f"POST {FULFILLMENTS}"]

        def keep_and_fall_silent(query: dict[str, str], payload: Any) -> tuple[int, Any]:
            assert callable(keep)
            keep(query, payload)
            raise requests.exceptions.ReadTimeout

        shop.answers[f"POST {FULFILLMENTS}"] = keep_and_fall_silent
        with pytest.raises(OutcomeUnknown):
            shop.woo.push_shipment(a_parcel("A1", "901"))
        assert shop.woo.find_shipment(NO).waybills == {"901": "A1"}


def test_statuses_are_the_shop_s_choice():
    with Shop("fulfillments", shipped_status="keep") as shop:
        shop.woo.push_shipment(a_parcel())
        assert shop.order["status"] == "processing"
        assert shop.woo.find_shipment(NO).waybills == {"901": "JD001", "902": "JD001"}
    with Shop("tracking", shipped_status="wc-shipped", part_shipped_status="partial-shipped") as shop:
        shop.woo.push_shipment(a_parcel("A1", "901"))
        assert shop.order["status"] == "partial-shipped"
        shop.woo.push_shipment(a_parcel("B2", "902"))
        assert shop.order["status"] == "shipped"


def test_what_was_paid_back_need_not_leave():
    with Shop("fulfillments") as shop:
        back = a_refund()
        back["line_items"][0]["quantity"] = -2
        shop.order["refunds"] = [{"id": 4800, "total": "-36.30"}]
        shop.answers[f"GET orders/{NO}/refunds"] = 200, [back]
        shop.woo.push_shipment(a_parcel())
        assert shop.order["status"] == "completed"
        assert shop.woo.find_shipment(NO).waybills == {"902": "JD001"}
        with pytest.raises(Refused, match="no line of this parcel"):
            shop.woo.push_shipment(a_parcel("X9", "901"))


def test_a_waybill_is_replaced_in_every_place():
    for place in ("tracking", "notes"):
        with Shop(place) as shop:
            shop.answers[f"DELETE {TRACKINGS}/t1"] = 200, {"tracking_id": "t1"}
            shop.woo.push_shipment(a_parcel("A1", "901"))
            shop.woo.change_shipment(a_parcel("A2", "901"))
            assert shop.woo.find_shipment(NO).waybills == {"901": "A2"}
            assert "already" in shop.woo.change_shipment(a_parcel("A2", "901")).words


def test_a_fulfillment_is_replaced_with_all_its_meta():
    with Shop("fulfillments") as shop:
        shop.answers[f"PUT {FULFILLMENTS}/2"] = 200, {"id": 2}
        shop.woo.push_shipment(a_parcel("A1", "901"))
        shop.woo.push_shipment(a_parcel("B1", "902"))
        shop.fulfillments[1]["meta_data"] += [
            {"id": 8, "key": "_date_fulfilled", "value": "2026-03-01 12:00:00"},
            {"id": 9, "key": "_is_locked", "value": False},
        ]
        shop.woo.change_shipment(a_parcel("B2", "902"))
        name, sent = shop.writes()[-1]
    assert name == f"PUT {FULFILLMENTS}/2"
    meta = {entry["key"]: entry["value"] for entry in sent["meta_data"]}
    assert (meta["_tracking_number"], meta["_items"]) == ("B2", [{"item_id": 902, "qty": 2}])
    assert (meta["_date_fulfilled"], meta["_is_locked"]) == ("2026-03-01 12:00:00", False)
    assert len(meta) == len(sent["meta_data"])


def test_a_change_that_could_mean_two_parcels_is_refused():
    with Shop("fulfillments") as shop:
        shop.woo.push_shipment(a_parcel("A1", "901"))
        shop.woo.push_shipment(a_parcel("B1", "902"))
        with pytest.raises(Refused, match="2 parcels"):
            shop.woo.change_shipment(a_parcel("C1"))


@pytest.mark.parametrize("status", ["cancelled", "refunded", "trash"])
def test_an_order_that_is_over_takes_no_parcel(status: str):
    with Shop("fulfillments") as shop:
        shop.order["status"] = status
        with pytest.raises(Refused, match=status):
            shop.woo.push_shipment(a_parcel())
        assert not shop.writes()


def test_a_parcel_needs_its_waybill_and_nothing_carried_needs_none():
    with Shop("fulfillments") as shop:
        with pytest.raises(Refused, match="waybill"):
            shop.woo.push_shipment(a_parcel(""))
        shop.woo.push_shipment(a_parcel("", carrier="NONE"))
        assert shop.order["status"] == "completed"
        assert not shop.fulfillments


def test_a_refusal_other_than_a_missing_place_is_told():
    with Shop("fulfillments") as shop:
        shop.answers[f"GET {FULFILLMENTS}"] = 400, error_body("woocommerce_rest_bad", "no")
        with pytest.raises(Refused, match="no"):
            shop.woo.push_shipment(a_parcel())


def test_the_place_is_looked_for_once_and_may_be_set():
    with Shop() as shop:
        shop.woo.push_shipment(a_parcel("A1", "901"))
        shop.woo.find_shipment(NO)
        assert [name for name, _, _ in shop.sent].count(f"GET {FULFILLMENTS}") == 1
    with Shop(shipments="notes") as shop:
        shop.woo.push_shipment(a_parcel("A1", "901"))
        assert f"GET {FULFILLMENTS}" not in [name for name, _, _ in shop.sent]
    with Shop(shipments="pigeons") as shop, pytest.raises(Refused, match="pigeons"):
        shop.woo.push_shipment(a_parcel())


@pytest.mark.parametrize("place", ["fulfillments", "tracking", "notes"])
def test_units_of_a_line_leave_in_two_parcels_and_the_order_is_done_with_the_last(place: str):
    first = replace(a_parcel("A1", "901"), units={"901": 1})
    second = replace(a_parcel("B2", "901"), units={"901": 9})
    with Shop(place, items=(an_item(1),)) as shop:
        for parcel in (first, first):
            shop.woo.push_shipment(parcel)
            assert shop.order["status"] == "processing"
        assert shop.woo.find_shipment(NO).units == {("901", "A1"): 1}
        for parcel in (second, first, second):
            shop.woo.push_shipment(parcel)
        assert shop.woo.find_shipment(NO).units == {
            ("901", "A1"): 1,
            ("901", "B2"): shop.order["line_items"][0]["quantity"] - 1,
        }
        assert shop.order["status"] == "completed"
