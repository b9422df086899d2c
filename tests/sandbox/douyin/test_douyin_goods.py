"""Units told by the seller, listings, and settlement."""

from datetime import UTC, datetime, timedelta

from .caller import Caller


def a_sku(shop: Caller) -> dict[str, object]:
    items = shop.client.get("/_twin/catalogue").get_json()["items"]
    return next(item for item in items if item["kind"] == "sku")


def units(shop: Caller, code: object) -> int:
    return shop.client.get("/_twin/stock").get_json()["stock"][code]


def test_units_are_set_by_number_or_by_code(shop: Caller) -> None:
    sku = a_sku(shop)
    shop.call("sku/syncStock", sku_id=sku["sku_id"], product_id=sku["num_iid"], stock_num=7)
    assert units(shop, sku["code"]) == 7
    shop.call("sku/syncStock", code=sku["code"], stock_num=9)
    assert units(shop, sku["code"]) == 9
    assert shop.error("sku/syncStock", stock_num=9) == (40002, "isv.parameter-missing:sku_id")
    assert shop.error("sku/syncStock", code="NONE", stock_num=9)[0] == 50002
    assert shop.error("sku/syncStock", code=sku["code"], stock_num=-1)[0] == 40004


def test_added_units_are_added_once_by_their_id(shop: Caller) -> None:
    sku = a_sku(shop)
    added = {"code": sku["code"], "stock_num": 5, "incremental": True, "idempotent_id": "one"}
    shop.call("sku/syncStock", **added)
    assert shop.error("sku/syncStock", **added) == (40003, "isv.idempotent-id-existed")
    assert units(shop, sku["code"]) == 505
    refused = shop.error("sku/syncStock", code=sku["code"], stock_num=5, incremental=True)
    assert refused == (40002, "isv.parameter-missing:idempotent_id")


def test_a_batch_is_taken_whole_or_not_at_all(shop: Caller) -> None:
    sku = a_sku(shop)
    found = shop.call("sku/list", product_id=sku["num_iid"])
    batch = [{"sku_id": item["id"], "stock_num": 3, "sku_type": 0} for item in found]
    shop.call("sku/syncStockBatch", product_id=sku["num_iid"], sku_sync_list=batch)
    assert {item["stock_num"] for item in shop.call("sku/list", product_id=sku["num_iid"])} == {3}
    wrong = [{**batch[0], "stock_num": 8}, {"sku_id": 1, "stock_num": 8}]
    assert shop.error("sku/syncStockBatch", product_id=sku["num_iid"], sku_sync_list=wrong)[0] == 50002
    assert {item["stock_num"] for item in shop.call("sku/list", product_id=sku["num_iid"])} == {3}


def test_every_listing_is_listed_with_its_skus(shop: Caller) -> None:
    first = shop.call("product/listV2", page=1, size=50)
    second = shop.call("product/listV2", page=2, size=50)
    numbers = [item["product_id"] for page in (first, second) for item in page["data"]]
    assert (len(numbers), len(set(numbers))) == (first["total"], first["total"])
    codes = {sku["code"] for number in numbers for sku in shop.call("sku/list", product_id=number)}
    assert codes == {item["code"] for item in shop.client.get("/_twin/catalogue").get_json()["items"]}
    assert shop.error("sku/list", product_id=1)[0] == 50002


def window() -> dict[str, str]:
    now = datetime.now(UTC) + timedelta(hours=8)
    times = {"start_time": now - timedelta(hours=1), "end_time": now + timedelta(hours=1)}
    return {name: moment.strftime("%Y-%m-%d %H:%M:%S") for name, moment in times.items()}


def test_received_orders_are_settled_line_by_line(shop: Caller) -> None:
    number = shop.shipped("split")
    assert shop.call("order/getSettleBillDetailV3", size=10, **window())["data"] == []
    shop.act(number, "finish")
    rows = shop.call("order/getSettleBillDetailV3", size=1, **window())
    rest = shop.call("order/getSettleBillDetailV3", size=1, start_index=rows["next_start_index"], **window())
    assert (rows["is_end"], rest["is_end"]) == (0, 1)
    bills = rows["data"] + rest["data"]
    assert sum(bill["real_pay_amount"] for bill in bills) == shop.order(number)["pay_amount"]
    assert all(bill["settle_amount"] == bill["total_income"] - bill["total_outcome"] for bill in bills)
    shop.decide(201, shop.ask(number))
    late = shop.call("order/getSettleBillDetailV3", size=10, order_id=f"{int(number) + 1}")["data"]
    assert [bill["trade_type"] for bill in late] == [0, 1]
    assert late[1]["settle_amount"] == -shop.lines(number)[0]["pay_amount"]


def test_a_bill_needs_times_the_platform_can_read(shop: Caller) -> None:
    assert shop.error("order/getSettleBillDetailV3", size=10) == (40002, "isv.parameter-missing:start_time")
    refused = shop.error("order/getSettleBillDetailV3", size=10, start_time="1", end_time="2")
    assert refused == (40004, "isv.parameter-invalid:start_time")
