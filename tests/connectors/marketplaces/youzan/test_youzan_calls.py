"""What Youzan is asked: lists, parcels, tokens; and what it posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import orjson
import pytest

from connectors.contract.errors import AuthFailed, BadSignature, Refused
from connectors.contract.notices import ChangeHint, PushRequest, ShipmentNotice
from connectors.marketplaces.youzan.pushes import event_sign
from connectors.marketplaces.youzan.reading import CHINA
from tests.connectors.contract_kit import NOW
from tests.connectors.marketplaces.youzan.papers import (
    CASE,
    CLIENT,
    ORDER,
    SECRET,
    a_case,
    a_line,
    a_parcel,
    a_push,
    an_order,
    answer,
    error_body,
    gateway_error,
)
from tests.connectors.marketplaces.youzan.stage import Stage

FIRST, SECOND = "2600000000000000001", "2600000000000000002"
WHOLE = ShipmentNotice(ORDER, "ZTO", "77001", True, NOW)
PART = replace(WHOLE, whole=False, line_nos=(FIRST, SECOND, "freight"))
DONE = answer(is_success=True)
CARRIERS = answer(allExpress=[{"id": 33, "name": "中通快运"}, {"id": 3, "name": "中通"}, {"id": 7, "name": "顺丰速运"}])


def a_page(total: int) -> bytes:
    return answer(total_results=total, full_order_info_list=[an_order()])


def test_orders_are_listed_by_change_in_chinas_time_and_read_last_page_first() -> None:
    with Stage(a_page(201), a_page(201), a_page(201), a_page(201), since="2026-03-02T11:00:00+08:00") as stage:
        page = stage.vendor.pull_orders("")
        while page.more:
            page = stage.vendor.pull_orders(page.cursor)
    assert [asked["page_no"] for _, asked in stage.sent] == [1, 3, 2, 1]
    path, asked = stage.sent[0]
    assert path == "/api/youzan.trades.sold.get/4.0.4"
    assert (asked["start_update"], asked["end_update"]) == ("2026-03-02 11:00:00", "2026-03-02 11:59:00")
    assert set(stage.tokens) == {"stage-token"}


def test_rows_that_leave_while_pages_are_read_take_none_with_them() -> None:
    """The one row of page 2 has moved to page 1, which is read after it."""
    with Stage(a_page(101), answer(total_results=100, full_order_info_list=[]), a_page(100)) as stage:
        first = stage.vendor.pull_orders(stage.vendor.between(NOW.replace(hour=1), NOW.replace(hour=2)))
        second = stage.vendor.pull_orders(first.cursor)
    assert [asked["page_no"] for _, asked in stage.sent] == [1, 2, 1]
    assert (first.documents, first.more) == ((), True)
    assert [document.external_no for document in second.documents] == [ORDER]
    assert not second.more


def test_a_list_that_grows_is_read_to_its_true_end() -> None:
    with Stage(a_page(101), a_page(201), a_page(201), a_page(201), a_page(201)) as stage:
        page = stage.vendor.pull_orders(stage.vendor.between(NOW.replace(hour=1), NOW.replace(hour=2)))
        while page.more:
            page = stage.vendor.pull_orders(page.cursor)
    assert [asked["page_no"] for _, asked in stage.sent] == [1, 2, 3, 2, 1]


def test_a_window_with_more_cases_than_may_be_searched_is_cut_in_halves() -> None:
    with Stage(answer(total=3001, refunds=[a_case()]), *[answer(total=1, refunds=[a_case()])] * 3) as stage:
        page = stage.vendor.pull_cases("")
        assert (page.references, page.more) == ((), True)
        while page.more:
            page = stage.vendor.pull_cases(page.cursor)
    spans = [(asked["update_time_start"] - int(NOW.timestamp()) + 60, asked["page_no"]) for _, asked in stage.sent]
    assert spans == [(-21600, 1), (-21600, 1), (-10800, 1)]


def test_lists_and_details_give_the_same_bytes() -> None:
    order = an_order() | {"delivery_order": [], "refund_order": []}
    row = dict(reversed(order.items()))
    with Stage(answer(total_results=1, full_order_info_list=[row]), answer(**order)) as stage:
        (listed,) = stage.vendor.pull_orders("").documents
        assert listed.body == stage.vendor.get_order(ORDER).body


def test_cases_come_as_references_by_unix_seconds() -> None:
    with Stage(answer(total=1, refunds=[a_case()]), answer(**a_case())) as stage:
        (reference,) = stage.vendor.pull_cases("").references
        document = stage.vendor.get_case(reference.external_no)
    assert stage.sent[0][1]["update_time_end"] == int(NOW.timestamp()) - 60
    assert stage.vendor.parse_case(document.body).external_no == CASE


def test_created_orders_are_listed_by_creation() -> None:
    with Stage(a_page(1)) as stage:
        page = stage.vendor.list_created(NOW.replace(hour=1), NOW.replace(hour=2), "")
    assert [order.external_no for order in page.orders] == [ORDER]
    assert "start_created" in stage.sent[0][1]


def test_a_whole_order_leaves_without_line_numbers() -> None:
    with Stage(DONE, carriers="ZTO=3") as stage:
        assert stage.vendor.push_shipment(WHOLE).reference == "77001"
    path, asked = stage.sent[0]
    assert path == "/api/youzan.logistics.online.confirm/3.0.0"
    assert asked == {"tid": ORDER, "out_stype": "3", "out_sid": "77001", "is_no_express": 0}


def test_a_part_leaves_with_its_lines_and_without_the_freight() -> None:
    with Stage(DONE, carriers="ZTO=3", secrets={"sender_mobile": "13900007788"}) as stage:
        stage.vendor.push_shipment(PART)
    asked = stage.sent[0][1]
    assert asked["oids"] == f"{FIRST},{SECOND}"
    assert asked["outer_sender"] == {"sender_mobile": "13900007788"}


def test_a_carrier_that_is_not_set_is_looked_up_by_its_shortest_name() -> None:
    with Stage(CARRIERS, DONE) as stage:
        stage.vendor.push_shipment(WHOLE)
    assert stage.sent[1][1]["out_stype"] == "3"


@pytest.mark.parametrize("code", ["DBKD", "MOON"])
def test_an_unknown_carrier_is_refused_with_the_remedy(code: str) -> None:
    with Stage(CARRIERS) as stage, pytest.raises(Refused, match="setting of carriers"):
        stage.vendor.push_shipment(replace(WHOLE, carrier_code=code))


@pytest.mark.parametrize("wrong", [replace(WHOLE, waybill_no=""), replace(PART, line_nos=("freight",))])
def test_a_parcel_that_says_nothing_is_refused_before_it_is_sent(wrong: ShipmentNotice) -> None:
    with Stage() as stage, pytest.raises(Refused):
        stage.vendor.push_shipment(wrong)
    assert stage.sent == []


def test_a_parcel_written_twice_is_found_and_harmless() -> None:
    there = answer(**an_order(), delivery_order=[a_parcel("77001", FIRST, SECOND)])
    with Stage(error_body(102570007), there, carriers="ZTO=3") as stage:
        assert stage.vendor.push_shipment(PART).words == "the platform already had this parcel"


def test_goods_that_left_with_another_waybill_are_refused() -> None:
    there = answer(**an_order(), delivery_order=[a_parcel("88002", FIRST, SECOND)])
    with Stage(error_body(102570007), there, carriers="ZTO=3") as stage, pytest.raises(Refused):
        stage.vendor.push_shipment(WHOLE)


def test_what_has_left_is_found() -> None:
    there = answer(**an_order(a_line(1), a_line(2)), delivery_order=[a_parcel("77001", FIRST)])
    with Stage(there) as stage:
        assert stage.vendor.find_shipment(ORDER).waybills == {FIRST: "77001"}


@pytest.mark.parametrize(("code", "expired"), [(4202, True), (4203, True), (4201, False), (4204, False)])
def test_only_a_token_that_ran_out_is_worth_a_refresh(code: int, expired: bool) -> None:
    with Stage(gateway_error(code)) as stage, pytest.raises(AuthFailed) as caught:
        stage.vendor.get_order(ORDER)
    assert caught.value.expired is expired


NEW = orjson.dumps({"success": True, "code": 200, "data": {"access_token": "t2", "expires": 1773021600000}})


def test_a_shops_own_application_gets_its_token_silently() -> None:
    with Stage(NEW) as stage:
        got = stage.vendor.refresh()
    path, asked = stage.sent[0]
    assert path == "/auth/token"
    assert (asked["authorize_type"], asked["grant_id"]) == ("silent", "77")
    assert got.secrets == {"access_token": "t2"}
    assert got.expires_at is not None
    assert got.expires_at.isoformat() == "2026-03-09T02:00:00+00:00"
    assert stage.tokens == []


def test_a_tool_uses_its_refresh_token() -> None:
    with Stage(NEW, secrets={"refresh_token": "r1"}) as stage:
        stage.vendor.refresh()
    assert stage.sent[0][1]["refresh_token"] == "r1"
    assert "grant_id" not in stage.sent[0][1]


def test_no_new_token_means_that_a_person_must_come() -> None:
    refused = orjson.dumps({"success": False, "code": 1103, "data": None, "message": "Client yzsecret"})
    with Stage(refused) as stage, pytest.raises(AuthFailed, match="authorise the shop again") as caught:
        stage.vendor.refresh()
    assert "yzsecret" not in str(caught.value)


def test_the_known_signature_of_a_message_is_reproduced() -> None:
    signed = event_sign("yzclient", b'{"id":"E1","type":"trade_TradePaid"}', "yzsecret")
    assert signed == "c0f16b097e23d1bb4d0ec56cee4ed503"


def old_form(content: str, **changes: object) -> PushRequest:
    """A push whose own field signs its message alone."""
    sign = event_sign("yzclient", content.encode(), "yzsecret")
    message = {"id": "m1", "type": "trade_TradePaid", "msg": content, "sign": sign, "test": False}
    return PushRequest("POST", "/push", {}, {}, orjson.dumps(message | changes), NOW)


def test_the_older_form_is_proven_by_its_field() -> None:
    content = quote(orjson.dumps({"full_order_info": {"order_info": {"tid": ORDER}}}))
    with Stage() as stage:
        push = old_form(content)
        assert stage.vendor.verify_push(push).number == ORDER
        assert stage.vendor.parse_push(push) == ChangeHint("order", ORDER)
        for forged in (old_form(content, sign="0" * 32), old_form(content, msg=content + "x"), old_form("")):
            with pytest.raises(BadSignature):
                stage.vendor.verify_push(forged)


def test_a_replay_has_the_key_of_the_first() -> None:
    content = quote(orjson.dumps({"tid": ORDER}))
    with Stage() as stage:
        keys = {stage.vendor.verify_push(old_form(content, id=number)).key for number in ("m1", "m2")}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("push", "hint"),
    [
        (a_push(), ChangeHint("order", ORDER)),
        (a_push("trade_refund_BuyerCreated", refund_id=CASE, tid=ORDER), ChangeHint("case", CASE)),
        (a_push("item_ItemUpdated", item_id="1"), None),
        (old_form(quote(orjson.dumps({"tid": ORDER})), test=True), None),
    ],
)
def test_a_push_hints_at_what_has_changed(push: PushRequest, hint: ChangeHint | None) -> None:
    with Stage() as stage:
        assert stage.vendor.parse_push(push) == hint


def test_papers_are_signed_with_the_suites_secret() -> None:
    push = a_push()
    assert push.headers["Event-Sign"] == event_sign(CLIENT, push.body, SECRET)


def test_a_cursor_kept_of_an_older_release_is_read_on() -> None:
    start, end = int(NOW.timestamp()) - 600, int(NOW.timestamp()) - 60
    with Stage(a_page(150)) as stage:
        page = stage.vendor.pull_orders(f"[{start},{end},1,2,0,0]")
    asked = stage.sent[0][1]
    assert (asked["start_update"], asked["end_update"], asked["page_no"]) == (_china(start), _china(end), 1)
    assert not page.more


def _china(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def test_a_line_leaves_with_its_first_parcel_and_a_further_one_has_no_place() -> None:
    there = answer(**an_order(a_line(1), a_line(2)), delivery_order=[a_parcel("77001", FIRST)])
    further = replace(PART, waybill_no="77002", units={FIRST: 1})
    with Stage(there, DONE, there, carriers="ZTO=3") as stage:
        stage.vendor.push_shipment(further)
        assert stage.sent[1][1]["oids"] == SECOND
        assert "one waybill" in stage.vendor.push_shipment(replace(further, line_nos=(FIRST,))).words
