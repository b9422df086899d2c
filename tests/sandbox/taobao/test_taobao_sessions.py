"""Authorising the shop at the twin, and what its items tell."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .caller import Caller

CREATE, RENEW = "taobao.top.auth.token.create", "taobao.top.auth.token.refresh"


def code(shop: Caller) -> str:
    query = {"client_id": shop.keys["app_key"], "response_type": "code", "redirect_uri": "https://hub.invalid/back",
             "state": "s 1"}  # fmt: skip
    answer = shop.client.get("/authorize", query_string=query)
    back = urlsplit(answer.headers["Location"])
    assert (answer.status_code, back.netloc, parse_qs(back.query)["state"]) == (302, "hub.invalid", ["s 1"])
    return parse_qs(back.query)["code"][0]


def tokens(shop: Caller, method: str, **given: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shop.call(method, **given)["token_result"])
    return found


def test_a_granted_session_takes_the_place_of_the_old_one(shop: Caller) -> None:
    granted = tokens(shop, CREATE, code=code(shop))
    assert shop.error("taobao.trade.fullinfo.get", tid="1", fields="tid")["code"] == 27
    shop.keys["session"] = granted["access_token"]
    assert shop.trade(shop.one())["status"] == "WAIT_SELLER_SEND_GOODS"


def test_a_code_is_good_once(shop: Caller) -> None:
    given = code(shop)
    tokens(shop, CREATE, code=given)
    assert shop.error(CREATE, code=given)["code"] == 41


def test_a_refresh_token_is_good_once_and_not_for_every_application(shop: Caller) -> None:
    first = tokens(shop, CREATE, code=code(shop))
    second = tokens(shop, RENEW, refresh_token=first["refresh_token"])
    assert second["access_token"] != first["access_token"]
    assert shop.error(RENEW, refresh_token=first["refresh_token"])["code"] == 41
    shop.twin.market.settings["no_refresh"] = True
    assert shop.error(RENEW, refresh_token=second["refresh_token"])["sub_code"] == "isv.permission-api-package-limit"


def test_a_session_ends(shop: Caller) -> None:
    shop.twin.market.settings["session_lasts"] = 0
    shop.keys["session"] = tokens(shop, CREATE, code=code(shop))["access_token"]
    assert shop.error("taobao.trade.fullinfo.get", tid="1", fields="tid")["code"] == 27


def test_the_page_wants_the_application_and_where_to_go_back(shop: Caller) -> None:
    query = {"client_id": "1", "response_type": "code", "redirect_uri": "https://hub.invalid"}
    assert shop.client.get("/authorize", query_string=query).status_code == 400


def test_items_are_on_the_shelf_or_in_the_stockroom(shop: Caller) -> None:
    item = shop.client.get("/_twin/catalogue").get_json()["items"][0]
    before = shop.call("taobao.items.onsale.get", fields="num_iid,title", page_size=1)
    shop.client.post("/_twin/shelf", json={"off": [item["num_iid"]]})
    after = shop.call("taobao.items.onsale.get", fields="num_iid", page_size=1)
    away = shop.call("taobao.items.inventory.get", fields="num_iid,title,sku")
    assert (before["total_results"] - after["total_results"], away["total_results"]) == (1, 1)
    assert away["items"]["item"] == [{"num_iid": item["num_iid"], "title": item["title"]}]


def test_details_tell_variants_with_their_stock(shop: Caller) -> None:
    item = shop.client.get("/_twin/catalogue").get_json()["items"][0]
    number, sku = item["num_iid"], item["sku_id"]
    shop.call("taobao.skus.quantity.update", num_iid=number, type=1, skuid_quantities=f"{sku}:40")
    answer = shop.call("taobao.items.seller.list.get", num_iids=f"{number},1", fields="num_iid,title,sku")
    (found,) = answer["items"]["item"]
    variant = next(row for row in found["skus"]["sku"] if str(row["sku_id"]) == sku)
    assert (variant["outer_id"], variant["quantity"]) == (item["code"], 40)
    assert shop.error("taobao.items.seller.list.get", num_iids=",".join("1" * 21), fields="num_iid")["code"] == 41
