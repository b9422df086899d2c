"""What a deliveryorder.confirm means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.contract.errors import BadRecord
from connectors.contract.notices import LineReport, ParcelItem, ProgressReport, ShipmentReport, WarehouseState
from connectors.warehouses.qimen.codes import STATUSES
from connectors.warehouses.qimen.confirms import read_confirm
from connectors.warehouses.qimen.xml import parse
from tests.connectors.warehouses.qimen.factories import NOW, a_confirm, a_package, an_order_line


def read(content: str) -> ShipmentReport | ProgressReport:
    return read_confirm(parse(f"<request>{content}</request>".encode()), NOW)


def shipment(content: str) -> ShipmentReport:
    report = read(content)
    assert isinstance(report, ShipmentReport)
    return report


def test_a_final_confirm_ships_the_fulfilment() -> None:
    report = shipment(a_confirm())
    assert (report.number, report.state, report.final) == ("DO202611210001", WarehouseState.SHIPPED, True)
    assert (report.key, report.warehouse_code, report.warehouse_ref) == ("MSG-1", "WH-HZ-01", "WMSDO-55001")
    assert report.shipped_at == datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
    parcel = report.parcels[0]
    assert (parcel.carrier_code, parcel.waybill_no, parcel.weight_g) == ("ZTO", "75000000000001", 420)
    assert parcel.items == (ParcelItem("SKU-RED-L", 1, "1"),)
    assert report.lines == (LineReport("1", "SKU-RED-L", 1, 1),)


def test_an_intermediate_confirm_leaves_the_fulfilment_open() -> None:
    report = shipment(a_confirm(status="PARTDELIVERED", confirm_type="1"))
    assert (report.state, report.final) == (WarehouseState.PART_SHIPPED, False)


@pytest.mark.parametrize(
    ("status", "confirm_type", "state", "final"),
    [
        ("DELIVERED", "1", WarehouseState.PART_SHIPPED, False),
        ("DELIVERED", "", WarehouseState.SHIPPED, True),
        ("PARTDELIVERED", "", WarehouseState.PART_SHIPPED, False),
        ("PARTDELIVERED", "0", WarehouseState.PART_SHIPPED, True),
        ("", "0", WarehouseState.SHIPPED, True),
        ("", "1", WarehouseState.PART_SHIPPED, False),
        ("CLOSED", "0", WarehouseState.SHIPPED, True),
        ("BRAND_NEW", "0", WarehouseState.SHIPPED, True),
    ],
)
def test_status_and_confirm_type_decide_together(
    status: str, confirm_type: str, state: WarehouseState, final: bool
) -> None:
    report = shipment(a_confirm(status=status, confirm_type=confirm_type))
    assert (report.state, report.final) == (state, final)


@pytest.mark.parametrize("status", [s for s in STATUSES if s not in ("DELIVERED", "PARTDELIVERED")])
def test_every_other_status_without_goods_is_a_step_and_never_a_shipment(status: str) -> None:
    report = read(a_confirm(status=status, packages="", lines=an_order_line("1", "SKU-RED-L", 1, 0)))
    assert isinstance(report, ProgressReport)
    assert (report.state, report.step, report.words) == (STATUSES[status], status, "")


@pytest.mark.parametrize("status", ["NEW", "ACCEPT", "CANCELED", "REJECT", "EXCEPTION"])
def test_a_waybill_beside_a_status_that_ships_nothing_was_only_assigned(status: str) -> None:
    assert isinstance(read(a_confirm(status=status)), ProgressReport)


def test_an_unknown_status_without_goods_is_told_and_ships_nothing() -> None:
    report = read(a_confirm(status="BRAND_NEW", packages="", lines=""))
    assert isinstance(report, ProgressReport)
    assert (report.state, report.words) == (WarehouseState.WORKING, "unknown status BRAND_NEW")


def test_several_packages_carry_items_of_several_lines() -> None:
    packages = a_package("75000000000001", ("A", 1, "1"), ("B", 1, "2")) + a_package("75000000000002", ("B", 2, "2"))
    lines = an_order_line("1", "A", 1, 1) + an_order_line("2", "B", 3, 3)
    report = shipment(a_confirm(packages=packages, lines=lines))
    assert [[(i.sku_code, i.units, i.line_no) for i in p.items] for p in report.parcels] == [
        [("A", 1, "1"), ("B", 1, "2")],
        [("B", 2, "2")],
    ]
    assert report.lines == (LineReport("1", "A", 1, 1), LineReport("2", "B", 3, 3))


def test_a_waybill_named_twice_is_one_parcel() -> None:
    packages = a_package("75000000000001", ("A", 1, "1")) + a_package("75000000000001", ("B", 1, "2"), weight="")
    report = shipment(a_confirm(packages=packages, lines=""))
    assert len(report.parcels) == 1
    assert [item.sku_code for item in report.parcels[0].items] == ["A", "B"]
    assert report.parcels[0].weight_g == 420


def test_an_item_without_line_number_finds_the_only_line_of_its_sku() -> None:
    report = shipment(a_confirm(packages=a_package("75000000000001", ("SKU-RED-L", 1, ""))))
    assert report.parcels[0].items[0].line_no == "1"


def test_an_item_that_could_be_of_two_lines_stays_without_line() -> None:
    lines = an_order_line("1", "A", 1, 1) + an_order_line("2", "A", 1, 1)
    report = shipment(a_confirm(packages=a_package("75000000000001", ("A", 2, "")), lines=lines))
    assert report.parcels[0].items == (ParcelItem("A", 2, ""),)


def test_lots_and_expiry_go_with_the_goods() -> None:
    lots = (
        "<batchs><batch><batchCode>B1</batchCode><expireDate>2027-01-01</expireDate><actualQty>1</actualQty></batch>"
        "<batch><batchCode>B2</batchCode><actualQty>2</actualQty></batch></batchs>"
    )
    lines = an_order_line("1", "A", 3, 3, lots)
    report = shipment(a_confirm(packages=a_package("75000000000001", ("A", 3, "1")), lines=lines))
    assert report.parcels[0].items == (ParcelItem("A", 1, "1", "B1", "2027-01-01"), ParcelItem("A", 2, "1", "B2", ""))


def test_serial_numbers_go_with_the_goods() -> None:
    lines = an_order_line("1", "A", 2, 2, "<snList><sn>S1</sn><sn>S2</sn></snList>")
    report = shipment(a_confirm(packages=a_package("75000000000001", ("A", 2, "1")), lines=lines))
    assert report.parcels[0].items[0].serials == ("S1", "S2")


def test_lots_that_disagree_with_their_line_park_the_confirm() -> None:
    lots = "<batchs><batch><batchCode>B1</batchCode><actualQty>1</actualQty></batch></batchs>"
    with pytest.raises(BadRecord) as caught:
        read(a_confirm(lines=an_order_line("1", "SKU-RED-L", 2, 2, lots)))
    assert caught.value.field == "orderLine/actualQty"


def test_the_only_package_without_items_holds_what_the_lines_say() -> None:
    report = shipment(a_confirm(packages=a_package("75000000000001"), lines=an_order_line("1", "A", 2, 2)))
    assert report.parcels[0].items == (ParcelItem("A", 2, "1"),)


def test_lines_without_quantity_take_it_from_the_packages() -> None:
    report = shipment(a_confirm(lines=an_order_line("1", "SKU-RED-L", 2, "")))
    assert report.lines == (LineReport("1", "SKU-RED-L", 2, 1),)
    with pytest.raises(BadRecord):
        read(a_confirm(lines=an_order_line("1", "OTHER", 2, "")))


def test_a_confirm_without_message_code_is_known_by_its_parcels() -> None:
    first, again = (shipment(a_confirm(out_biz_code="")) for _ in range(2))
    other = shipment(a_confirm(out_biz_code="", packages=a_package("75000000000002", ("SKU-RED-L", 1, "1"))))
    assert first.key == again.key != other.key


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("<deliveryOrderCode>DO202611210001</deliveryOrderCode>", "", "deliveryOrderCode"),
        ("<expressCode>75000000000001</expressCode>", "", "expressCode"),
        ("<quantity>1</quantity>", "<quantity>one</quantity>", "quantity"),
        ("<quantity>1</quantity>", "", "package/quantity"),
        ("<quantity>1</quantity>", "<quantity>1.5</quantity>", "quantity"),
        ("2026-11-21 15:00:00", "yesterday", "orderConfirmTime"),
    ],
)
def test_what_is_wrong_in_a_confirm_is_named(old: str, new: str, field: str) -> None:
    content = a_confirm()
    assert old in content
    with pytest.raises(BadRecord) as caught:
        read(content.replace(old, new))
    assert caught.value.field == field


@pytest.mark.parametrize("weight", ["heavy", "NaN", "Infinity", "-1", "1e999999999", "1e99"])
def test_a_weight_that_cannot_be_is_left_out(weight: str) -> None:
    packages = a_package("75000000000001", ("SKU-RED-L", 1, "1"), weight=weight)
    assert shipment(a_confirm(packages=packages)).parcels[0].weight_g is None


def test_small_oddities_do_not_park_a_shipment() -> None:
    content = (
        a_confirm()
        .replace("<weight>0.420</weight>", "<weight>heavy</weight>")
        .replace(">1</quantity>", ">1.00</quantity>")
    )
    report = shipment(content.replace("<status>", "<novelty><deep/></novelty><status>"))
    assert report.parcels[0].weight_g is None
    assert report.parcels[0].items[0].units == 1
