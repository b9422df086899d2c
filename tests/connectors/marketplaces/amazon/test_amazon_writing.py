"""Files and calls that change something: cancelling, refunds and their look-up, stock; and listings."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract.errors import OutcomeUnknown, Refused
from connectors.contract.notices import RefundNotice, StockLevel
from tests.connectors.marketplaces.amazon.papers import NO, US, a_part, an_item, an_order, error_body, usd
from tests.connectors.marketplaces.amazon.stage import FILES, Stage

ORDER = f"GET /orders/2026-01-01/orders/{NO}"
FEEDS, TRANSACTIONS = "GET /feeds/2021-06-30/feeds", "GET /finances/2024-06-19/transactions"
TAX = a_part("TAX", "2.40", item="2.00", shipping="0.40")


class Seller(Stage):
    """A seller whose feeds are kept; the order has two items, the first with shipping and tax."""

    def __init__(self, **settings: str) -> None:
        super().__init__(**settings)
        parts = [a_part("ITEM", "20.00"), a_part("SHIPPING", "4.00"), TAX]
        self.order = an_order(an_item(1, "26.40", parts), an_item(2))
        self.answers |= {
            ORDER: lambda query, payload: (200, {"order": self.order}),
            "POST /feeds/2021-06-30/documents": (201, {"feedDocumentId": "FD1", "url": f"{FILES}/in"}),
            "PUT /in": (200, b""),
            "POST /feeds/2021-06-30/feeds": (202, {"feedId": "F1"}),
            FEEDS: (200, {"feeds": []}),
            TRANSACTIONS: (200, {"payload": {"transactions": []}}),
        }

    def table(self) -> list[dict[str, str]]:
        """The rows of the file that was left."""
        (sent,) = self.payloads("PUT /in")
        header, *lines = (line.split("\t") for line in sent.splitlines())
        return [dict(zip(header, line, strict=True)) for line in lines]


def a_refund(amount: int, *lines: tuple[str, int], currency: str = "USD") -> RefundNotice:
    return RefundNotice(NO, amount, currency, "key-1", lines=lines)


def test_an_order_is_cancelled_item_by_item_in_one_file():
    with Seller() as seller:
        assert seller.amazon.cancel_order(NO, "out of stock").reference == "F1"
        assert seller.table() == [
            {"order-id": NO, "amazon-order-item-code": item, "cancellation-reason-code": "NoInventory"}
            for item in ("90001", "90002")
        ]
        assert seller.payloads("POST /feeds/2021-06-30/feeds") == [
            {
                "feedType": "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA",
                "marketplaceIds": [US],
                "inputFeedDocumentId": "FD1",
            }
        ]


def test_an_order_that_is_cancelled_already_is_left_alone():
    with Seller() as seller:
        seller.order["fulfillment"]["fulfillmentStatus"] = "CANCELLED"
        assert "already" in seller.amazon.cancel_order(NO, "").words
        assert seller.calls("POST") == []


@pytest.mark.parametrize(
    ("order", "item", "words"),
    [
        ({"fulfilledBy": "AMAZON"}, {}, "fulfils this order itself"),
        ({}, {"quantityFulfilled": 1}, "have left"),
    ],
)
def test_an_order_that_cannot_be_cancelled_is_refused(order: dict[str, Any], item: dict[str, Any], words: str):
    with Seller() as seller:
        seller.order["fulfillment"] |= order
        seller.order["orderItems"][0]["fulfillment"] |= item
        with pytest.raises(Refused, match=words):
            seller.amazon.cancel_order(NO, "")
        assert seller.calls("POST") == []


def test_a_refund_of_one_item_is_split_into_price_and_tax():
    with Seller() as seller:
        assert seller.amazon.refund_case(a_refund(1100, ("90001", 1))).reference == "F1"
        (row,) = seller.table()
        assert (row["order-item-id"], row["currency"], row["adjustment-reason-code"]) == (
            "90001",
            "USD",
            "CustomerReturn",
        )
        assert (row["item-price-adj"], row["item-tax-adj"], row["shipping-price-adj"]) == ("10.00", "1.00", "0.00")


def test_a_refund_of_the_whole_order_takes_goods_then_shipping():
    with Seller() as seller:
        seller.amazon.refund_case(a_refund(4640))
        first, second = seller.table()
        assert (first["item-price-adj"], first["item-tax-adj"]) == ("20.00", "2.00")
        assert (first["shipping-price-adj"], first["shipping-tax-adj"]) == ("4.00", "0.40")
        assert (second["item-price-adj"], second["shipping-price-adj"]) == ("20.00", "0.00")


def test_more_than_goods_and_shipping_cost_is_refused_before_anything_is_sent():
    with Seller() as seller:
        with pytest.raises(Refused, match="refund less"):
            seller.amazon.refund_case(a_refund(4641))
        assert seller.calls("POST") == []


def test_refunds_of_orders_amazon_fulfils_are_left_to_amazon():
    with Seller() as seller:
        seller.order["fulfillment"]["fulfilledBy"] = "AMAZON"
        with pytest.raises(Refused, match="pays its refunds"):
            seller.amazon.refund_case(a_refund(1000))
        assert seller.calls("POST") == []


def test_a_feed_whose_answer_is_lost_is_unknown_but_a_lost_file_is_not():
    with Seller() as seller:
        seller.answers["POST /feeds/2021-06-30/feeds"] = (503, b"")
        with pytest.raises(OutcomeUnknown):
            seller.amazon.refund_case(a_refund(1000))
        seller.answers["PUT /in"] = (403, b"")
        with pytest.raises(Exception, match="could not be left") as caught:
            seller.amazon.refund_case(a_refund(1000))
        assert not isinstance(caught.value, OutcomeUnknown)


def a_transaction(amount: float, kind: str = "Refund") -> dict[str, Any]:
    return {
        "transactionId": "T7",
        "transactionType": kind,
        "totalAmount": {"currencyCode": "USD", "currencyAmount": amount},
    }


def test_a_refund_is_found_by_its_order_and_amount():
    with Seller() as seller:
        seller.answers[TRANSACTIONS] = (200, {"payload": {"transactions": [a_transaction(-11.0)]}})
        found = seller.amazon.find_refund(a_refund(1100))
        assert found is not None
        assert found.reference == "T7"
        assert seller.sent[0][1] == {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": NO}


def test_fees_that_amazon_gives_back_do_not_hide_a_refund():
    fees = [("Sales", -11.0), ("Expenses", 1.65)]
    parts = [{"breakdownType": name, "breakdownAmount": {"currencyCode": "USD", "currencyAmount": amount}}
             for name, amount in fees]  # fmt: skip
    with Seller() as seller:
        transaction = a_transaction(-9.35) | {"breakdowns": parts}
        seller.answers[TRANSACTIONS] = (200, {"payload": {"transactions": [transaction]}})
        found = seller.amazon.find_refund(a_refund(1100))
        assert found is not None
        assert found.reference == "T7"


@pytest.mark.parametrize("transaction", [a_transaction(-10.0), a_transaction(11.0, "Shipment")])
def test_another_amount_or_a_sale_is_no_refund(transaction: dict[str, Any]):
    with Seller() as seller:
        seller.answers[TRANSACTIONS] = (200, {"payload": {"transactions": [transaction]}})
        assert seller.amazon.find_refund(a_refund(1100)) is None


@pytest.mark.parametrize(
    ("status", "accepted", "known"),
    [("IN_QUEUE", 0, False), ("DONE", 1, False), ("DONE", 0, True), ("CANCELLED", 0, True), ("FATAL", 0, True)],
)
def test_while_a_refund_file_may_be_this_one_nobody_pays_again(status: str, accepted: int, known: bool):
    report = (
        f"Feed Processing Summary:\n\tNumber of records processed\t\t1\n\tNumber of records successful\t\t{accepted}\n"
    )
    with Seller() as seller:
        feed = {"feedId": "F0", "processingStatus": status, "resultFeedDocumentId": "FR0"}
        seller.answers[FEEDS] = (200, {"feeds": [feed]})
        seller.answers["GET /feeds/2021-06-30/documents/FR0"] = (200, {"url": f"{FILES}/out"})
        seller.answers["GET /out"] = (200, report.encode())
        if known:
            assert seller.amazon.find_refund(a_refund(1100)) is None
        else:
            with pytest.raises(OutcomeUnknown, match="Seller Central"):
                seller.amazon.find_refund(a_refund(1100))


# ---- stock and listings ------------------------------------------------------------------------


def levels(count: int) -> list[StockLevel]:
    return [StockLevel(f"B{number}", f"SKU {number}", number) for number in range(count)]


def item_path(number: int, verb: str = "PATCH") -> str:
    return f"{verb} /listings/2021-08-01/items/A1SELLER/SKU {number}"


def test_a_few_levels_are_set_one_by_one_and_refusals_told_by_listing():
    with Seller() as seller:
        seller.answers[item_path(0)] = (200, {"status": "ACCEPTED"})
        seller.answers[item_path(1)] = (200, {"status": "INVALID", "issues": [{"severity": "ERROR", "message": "no!"}]})
        seller.answers[item_path(2)] = (404, error_body("NotFound", "no such SKU"))
        answer = seller.amazon.push_stock([*levels(3), StockLevel("B9", "", 1)])
        assert answer.done == 1
        assert dict(answer.refused) == {
            ("B1", "SKU 1"): "no!",
            ("B2", "SKU 2"): "no such SKU",
            ("B9", ""): "the level names no SKU",
        }
        (patch,) = seller.payloads(item_path(0))
        assert patch["patches"][0]["value"] == [{"fulfillment_channel_code": "DEFAULT", "quantity": 0}]
        assert seller.sent[0][1] == {"marketplaceIds": US}


def test_many_levels_go_as_one_file():
    with Seller() as seller:
        assert seller.amazon.push_stock(levels(9)).done == 9
        (sent,) = seller.payloads("PUT /in")
        assert sent["header"] == {"sellerId": "A1SELLER", "version": "2.0"}
        assert [(row["messageId"], row["sku"]) for row in sent["messages"]][-1] == (9, "SKU 8")
        assert seller.payloads("POST /feeds/2021-06-30/feeds")[0]["feedType"] == "JSON_LISTINGS_FEED"


def test_stock_needs_the_seller_s_id():
    with Seller(seller_id="") as seller, pytest.raises(Refused, match="seller id"):
        seller.amazon.push_stock(levels(1))


def test_listings_are_read_by_sku_with_price_and_units_we_ship():
    row = {
        "sku": "MUG-1",
        "summaries": [{"marketplaceId": US, "asin": "B1", "itemName": "Mug", "status": ["BUYABLE"]}],
        "offers": [{"offerType": "B2C", "price": usd("12.50")}],
        "fulfillmentAvailability": [
            {"fulfillmentChannelCode": "AMAZON_NA", "quantity": 9},
            {"fulfillmentChannelCode": "DEFAULT", "quantity": 4},
        ],
    }
    with Seller() as seller:
        seller.answers["GET /listings/2021-08-01/items/A1SELLER"] = lambda query, _: (
            200,
            {"items": [row], "pagination": {} if "pageToken" in query else {"nextToken": "p2"}},
        )
        page = seller.amazon.pull_listings("")
        assert (page.cursor, page.more) == ("p2", True)
        (found,) = page.listings
        assert (found.listing_no, found.variant_no, found.price, found.currency) == ("B1", "MUG-1", 1250, "USD")
        assert (found.units, found.is_on_sale) == (4, True)
        assert seller.amazon.pull_listings("p2").more is False


FEED, RESULT = "GET /feeds/2021-06-30/feeds/F1", "GET /feeds/2021-06-30/documents/FD9"


def a_result(seller: Seller, accepted: int, of: int, words: str = "") -> None:
    """The feed is done, with this many rows of so many taken."""
    report = f"Feed Processing Summary:\n\tNumber of records processed\t\t{of}\n"
    report += f"\tNumber of records successful\t\t{accepted}\n\n1\tX\t90057\tError\t{words}\n"
    seller.answers[FEED] = 200, {"feedId": "F1", "processingStatus": "DONE", "resultFeedDocumentId": "FD9"}
    seller.answers[RESULT] = 200, {"feedDocumentId": "FD9", "url": f"{FILES}/out"}
    seller.answers["GET /out"] = 200, report.encode()


def test_a_refund_by_file_is_pending_until_the_file_is_worked_off():
    with Seller() as seller:
        assert seller.amazon.refund_case(a_refund(1100, ("90001", 1))).is_pending
        seller.answers[FEED] = 200, {"feedId": "F1", "processingStatus": "IN_PROGRESS"}
        assert seller.amazon.follow_up("F1").is_pending
        a_result(seller, 1, 1)
        assert not seller.amazon.follow_up("F1").is_pending


def test_a_file_that_failed_is_a_refusal_in_its_words_and_one_taken_in_part_stays_open():
    with Seller() as seller:
        a_result(seller, 0, 1, "more than was paid")
        with pytest.raises(Refused, match="more than was paid"):
            seller.amazon.follow_up("F1")
        a_result(seller, 1, 2, "more than was paid")
        with pytest.raises(OutcomeUnknown, match="Seller Central"):
            seller.amazon.follow_up("F1")
        seller.answers[FEED] = 200, {"feedId": "F1", "processingStatus": "FATAL"}
        with pytest.raises(Refused, match="FATAL"):
            seller.amazon.follow_up("F1")
