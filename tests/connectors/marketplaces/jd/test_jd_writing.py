"""Writing parcels, memos and stock back, and authorising a shop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import responses

from connectors.contract.errors import AuthFailed, OutcomeUnknown, RateLimited, Refused, Retryable
from connectors.contract.manifest import Account
from connectors.contract.notices import ShipmentNotice, StockLevel
from connectors.marketplaces.jd import Jd
from tests.connectors.contract_kit import EVERYWHERE, assert_silent
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.jd.papers import ORDER_NO, an_item, an_order, detail_answer, error_body
from tests.connectors.marketplaces.jd.stage import SECRETS, Stage

SHIP, UPDATE = "jingdong.pop.order.shipment", "360buy.order.sop.waybill.update"
SHIPPED: dict[str, Any] = {"code": "0", "sopjosshipment_result": {"success": True, "chineseErrCode": "订单出库成功"}}
DENIED: dict[str, Any] = {"code": "0", "sopjosshipment_result": {"success": False, "chineseErrCode": "订单状态不对"}}
LINE = f"{ORDER_NO}-55001"


def parcel(waybill: str = "Z1", carrier: str = "ZTO", *, lines: tuple[str, ...] = ()) -> ShipmentNotice:
    return ShipmentNotice(ORDER_NO, carrier, waybill, whole=not lines, shipped_at=NOW, line_nos=lines)


def there(waybill: str = "", ids: str = "", state: str = "WAIT_GOODS_RECEIVE_CONFIRM") -> dict[str, Any]:
    return detail_answer(an_order(waybill=waybill, logisticsId=ids, orderState=state))


# ---- shipments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("carrier", "id_"),
    [("SF", "467"), ("YTO", "463"), ("ZTO", "1499"), ("STO", "470"), ("YUNDA", "1327"), ("EMS", "465"), ("JD", "2087")],
)
def test_a_whole_order_is_shipped_in_one_call(carrier: str, id_: str):
    with Stage() as stage:
        stage.answers(SHIPPED)
        assert stage.jd.push_shipment(parcel(carrier=carrier)).reference == "Z1"
    assert stage.sent == [(SHIP, {"orderId": ORDER_NO, "logiCoprId": id_, "logiNo": "Z1"})]


def test_goods_without_a_parcel_are_the_seller_s_own_delivery():
    with Stage() as stage:
        stage.answers(SHIPPED)
        stage.jd.push_shipment(parcel("", "NONE"))
    assert stage.sent[0][1] == {"orderId": ORDER_NO, "logiCoprId": "1274"}


def test_more_carriers_come_from_the_account_s_setting():
    with Stage(carriers="JT=8001， ZTO=9000,odd") as stage:
        stage.answers(SHIPPED, SHIPPED)
        stage.jd.push_shipment(parcel(carrier="JT"))
        stage.jd.push_shipment(parcel(carrier="ZTO"))
    assert [params["logiCoprId"] for _, params in stage.sent] == ["8001", "9000"]


def test_an_unknown_carrier_is_refused_with_the_remedy():
    with Stage() as stage, pytest.raises(Refused, match="setting carriers"):
        stage.jd.push_shipment(parcel(carrier="DBKD"))
    with Stage() as stage, pytest.raises(Refused, match="waybill number"):
        stage.jd.push_shipment(parcel(""))


def test_a_refusal_of_what_is_there_already_is_a_success():
    with Stage() as stage:
        stage.answers(DENIED, there("Z1", "1499"))
        assert "already" in stage.jd.push_shipment(parcel()).words
    assert len(stage.sent) == 2


def test_a_refusal_of_what_has_not_left_stays_a_refusal():
    with Stage() as stage:
        stage.answers(DENIED, there(state="LOCKED"))
        with pytest.raises(Refused, match="订单状态不对"):
            stage.jd.push_shipment(parcel())


def test_the_first_parcel_of_several_ships_the_order():
    with Stage() as stage:
        stage.answers(there(state="WAIT_SELLER_STOCK_OUT"), SHIPPED)
        stage.jd.push_shipment(parcel(lines=(LINE,)))
    assert [method for method, _ in stage.sent] == ["jingdong.pop.order.enGet", SHIP]


@pytest.mark.parametrize(
    ("carrier", "ids", "numbers"),
    [("ZTO", "1499|467", "Z1,Z2|S1"), ("SF", "1499|467", "Z1|S1,Z2"), ("JD", "1499|467|2087", "Z1|S1|Z2")],
)
def test_a_further_parcel_is_added_to_the_others(carrier: str, ids: str, numbers: str):
    with Stage() as stage:
        stage.answers(there("Z1|S1", "1499|467"), {"code": "0"})
        stage.jd.push_shipment(parcel("Z2", carrier, lines=(LINE,)))
    method, params = stage.sent[1]
    assert (method, params["logistics_id"], params["waybill"]) == (UPDATE, ids, numbers)
    assert (params["order_id"], params["trade_no"]) == (ORDER_NO, str(int(NOW.timestamp() * 1000)))


def test_a_further_parcel_sent_twice_is_written_once():
    with Stage() as stage:
        stage.answers(there("Z1,Z2", "1499"))
        stage.jd.push_shipment(parcel("Z2", lines=(LINE,)))
    assert len(stage.sent) == 1


def test_an_order_refused_as_shipped_with_another_number_gets_ours_beside_it():
    with Stage() as stage:
        stage.answers(DENIED, there("Z9", "1499"), {"code": "0"})
        stage.jd.push_shipment(parcel())
    assert stage.sent[2][1]["waybill"] == "Z9,Z1"


def test_a_lost_shipment_is_unknown_and_can_be_looked_up():
    order = an_order(an_item(1), an_item(2), waybill="Z1", logisticsId="1499", orderState="WAIT_GOODS_RECEIVE_CONFIRM")
    with Stage() as stage:
        stage.answers(error_body("65"), detail_answer(order), there(state="WAIT_SELLER_STOCK_OUT"))
        with pytest.raises(OutcomeUnknown):
            stage.jd.push_shipment(parcel())
        assert stage.jd.find_shipment(ORDER_NO).waybills == {LINE: "Z1", f"{ORDER_NO}-55002": "Z1"}
        assert stage.jd.find_shipment(ORDER_NO).waybills == {}


def test_the_only_number_is_replaced_and_one_of_several_is_not():
    with Stage(update_call="jingdong.other.update") as stage:
        stage.answers(there("Z1", "1499"), {"code": "0"}, there("Z1,Z2", "1499"))
        stage.jd.change_shipment(parcel("S7", "SF"))
        assert stage.sent[1][0] == "jingdong.other.update"
        assert (stage.sent[1][1]["logistics_id"], stage.sent[1][1]["waybill"]) == ("467", "S7")
        with pytest.raises(Refused, match="several parcels"):
            stage.jd.change_shipment(parcel("S8", "SF"))


# ---- memo and stock ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "memo", "after"), [("", "加急", "加急"), ("老客户", "加急", "老客户\n加急"), ("加急", "加急", "加急")]
)
def test_a_memo_is_added_to_what_people_wrote(before: str, memo: str, after: str):
    with Stage() as stage:
        stage.answers(detail_answer(an_order(venderRemark=before)), {"code": "0"})
        stage.jd.set_memo(ORDER_NO, memo, "red")
    assert stage.sent[1] == (
        "jingdong.pop.order.modifyVenderRemark",
        {"order_id": ORDER_NO, "flag": "1", "remark": after},
    )


def test_nothing_is_written_when_nothing_changes():
    with Stage() as stage:
        stage.answers(detail_answer(an_order(venderRemark="加急")))
        assert stage.jd.set_memo(ORDER_NO, "加急", "").words == "nothing to change"
    assert len(stage.sent) == 1


def test_a_memo_too_long_or_a_flag_jd_lacks_is_refused():
    with Stage() as stage:
        with pytest.raises(Refused, match="pink"):
            stage.jd.set_memo(ORDER_NO, "x", "pink")
        stage.answers(detail_answer(an_order(venderRemark="长" * 499)))
        with pytest.raises(Refused, match="500"):
            stage.jd.set_memo(ORDER_NO, "加急", "")


def test_stock_is_set_sku_by_sku_and_a_refused_one_leaves_the_others():
    levels = [
        StockLevel("44001", "55001", 7),
        StockLevel("44002", "55002", -3, location="12"),
        StockLevel("44003", "", 1),
    ]
    with Stage() as stage:
        stage.answers(
            {"code": "0"}, {"code": "0", "result": {"success": False, "errorMessage": "无此SKU"}}, {"code": "0"}
        )
        answer = stage.jd.push_stock(levels)
    assert (answer.done, dict(answer.refused)) == (2, {("44002", "55002"): "无此SKU"})
    assert {method for method, _ in stage.sent} == {"jingdong.stock.write.updateSkuStock"}
    assert [params for _, params in stage.sent] == [
        {"skuId": "55001", "stockNum": 7, "storeId": "0"},
        {"skuId": "55002", "stockNum": 0, "storeId": "12"},
        {"skuId": "44003", "stockNum": 1, "storeId": "0"},
    ]


# ---- authorisation -------------------------------------------------------------------------------


def owner(**secrets: str) -> Jd:
    return Jd(Account({"app_key": "K1"}, SECRETS | secrets), clock=lambda: NOW)


def test_the_owner_is_sent_to_jd_with_our_address_and_state():
    address = urlsplit(owner().authorise_url("https://hub.example/back?x=1", "s-1"))
    assert (address.netloc, address.path) == ("open-oauth.jd.com", "/oauth2/to_login")
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (asked["app_key"], asked["redirect_uri"]) == ("K1", "https://hub.example/back?x=1")
    assert (asked["state"], asked["response_type"]) == ("s-1", "code")


def test_a_code_is_exchanged_for_tokens_with_their_end():
    with responses.RequestsMock() as platform:
        body = {"access_token": "A2", "refresh_token": "R2", "expires_in": 86400, "scope": "snsapi_base"}
        platform.add(responses.GET, "https://open-oauth.jd.com/oauth2/access_token", json=body)
        given = owner().exchange_code({"code": "c-1", "state": "s"}, "https://hub.example/back")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(platform.calls[0].request.url).query).items()}
    assert asked == {
        "app_key": "K1",
        "app_secret": "stage-app",
        "grant_type": "authorization_code",
        "code": "c-1",
    }
    assert dict(given.secrets) == {"access_token": "A2", "refresh_token": "R2"}
    assert (given.expires_at, given.ends_at) == (NOW + timedelta(days=1), None)


def test_a_token_is_refreshed_and_the_old_refresh_token_kept_when_none_comes():
    with responses.RequestsMock() as platform:
        body = {"access_token": "A3", "expires_in": "3600"}
        platform.add(responses.GET, "https://open-oauth.jd.com/oauth2/refresh_token", json=body)
        given = owner().refresh()
        assert "refresh_token=stage-refresh" in str(platform.calls[0].request.url)
    assert given.secrets["refresh_token"] == "stage-refresh"
    assert given.expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"code": 405, "msg": "refresh_token 已过期"}, AuthFailed),
        (200, {"error_response": {"code": "21", "zh_desc": "无效app"}}, AuthFailed),
        (400, {"code": 401, "msg": "bad code"}, AuthFailed),
        (200, {"code": "2", "msg": "too many"}, RateLimited),
        (200, ["x"], Retryable),
        (503, {}, Retryable),
    ],
)
def test_a_refused_refresh_says_to_authorise_again(status: int, body: Any, error: type[Exception]):
    with responses.RequestsMock() as platform:
        told = orjson.dumps(body).replace(b"bad code", b"bad stage-app stage-refresh")
        platform.add(responses.GET, EVERYWHERE, body=told, status=status)
        with pytest.raises(error) as caught:
            owner().refresh()
    assert_silent(caught.value, tuple(SECRETS.values()))
    assert error is not AuthFailed or "authorise the shop again" in str(caught.value)


def test_an_owner_who_said_no_and_a_shop_without_a_token_must_authorise_again():
    with pytest.raises(AuthFailed, match="access_denied"):
        owner().exchange_code({"error": "access_denied"}, "https://hub.example/back")
    with pytest.raises(AuthFailed, match="no refresh token"):
        owner(refresh_token="").refresh()
