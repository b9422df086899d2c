"""Returns by report: ordering, waiting, reading, looking back, leaving out what is known; parsing of every state."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.contract.errors import BadRecord, Retryable
from connectors.contract.records import Page, RefundState
from connectors.marketplaces.amazon import Amazon
from connectors.marketplaces.amazon.cases import parse_case
from tests.connectors.contract_suite import NOW
from tests.connectors.marketplaces.amazon.papers import (
    NO,
    US,
    a_return,
    a_table,
    an_item,
    an_order,
    case_body,
    error_body,
)
from tests.connectors.marketplaces.amazon.stage import FILES, Stage

CREATE = "POST /reports/2021-06-30/reports"
STATE = "GET /reports/2021-06-30/reports/R1"
DOCUMENT = "GET /reports/2021-06-30/documents/D1"
FILE = "GET /r1.txt"
ORDER = f"GET /orders/2026-01-01/orders/{NO}"


class Seller(Stage):
    """A seller with a table of returns, whose reports are ready at once unless told otherwise."""

    def __init__(self, *table: dict[str, str], packed: bool = False, **settings: str) -> None:
        super().__init__(**({"since": "2026-03-01T00:00:00Z"} | settings))
        self.table, self.state = list(table), "DONE"
        self.answers[CREATE] = (202, {"reportId": "R1"})
        self.answers[STATE] = lambda query, payload: (200, self._report())
        found = {"reportDocumentId": "D1", "url": f"{FILES}/r1.txt"} | (
            {"compressionAlgorithm": "GZIP"} if packed else {}
        )
        self.answers[DOCUMENT] = (200, found)
        self.answers[FILE] = lambda query, payload: (200, self._file(packed))
        self.answers[ORDER] = (200, {"order": an_order(an_item(1), an_item(2))})

    def _report(self) -> dict[str, str]:
        found = {"reportId": "R1", "processingStatus": self.state}
        return found | {"reportDocumentId": "D1"} if self.state == "DONE" else found

    def _file(self, packed: bool) -> bytes:
        return gzip.compress(a_table(*self.table)) if packed else a_table(*self.table)

    def walk(self, cursor: str = "", polls: int = 3) -> tuple[list[Any], str]:
        """Cases of some polls, as the hub makes them: a page says whether to go on at once."""
        found: list[Any] = []
        for _ in range(polls):
            page = Page(cursor, True)
            while page.more:
                page = self.amazon.pull_cases(page.cursor)
                found += [self.amazon.parse_case(document.body) for document in page.documents]
            cursor = page.cursor
        return found, cursor


@pytest.mark.parametrize("packed", [False, True])
def test_a_report_is_ordered_then_read_with_the_items_of_its_orders(packed: bool):
    with Seller(a_return(), packed=packed) as seller:
        (case,), _ = seller.walk(polls=2)
        assert seller.payloads(CREATE) == [
            {
                "reportType": "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
                "dataStartTime": "2026-01-30T00:00:00Z",
                "dataEndTime": "2026-03-02T04:00:00Z",
                "marketplaceIds": [US],
            }
        ]
        assert (case.external_no, case.order_no, case.line_no) == (f"{NO}/DRMA77", NO, "90001")
        assert "" in seller.tokens  # The file's own address is asked without our token.


@pytest.mark.parametrize("state", ["IN_QUEUE", "IN_PROGRESS"])
def test_a_report_under_way_is_awaited_without_ordering_another(state: str):
    with Seller(a_return()) as seller:
        seller.state = state
        found, cursor = seller.walk()
        assert (found, len(seller.payloads(CREATE))) == ([], 1)
        seller.state = "DONE"
        assert len(seller.walk(cursor)[0]) == 1


def test_a_report_that_amazon_cancels_has_nothing_to_tell():
    with Seller(a_return()) as seller:
        seller.state = "CANCELLED"
        found, _ = seller.walk()
        assert (found, len(seller.payloads(CREATE))) == ([], 1)


def test_a_report_that_failed_is_ordered_again_after_an_hour():
    with Seller(a_return()) as seller:
        seller.state = "FATAL"
        cursor = seller.amazon.pull_cases("").cursor
        with pytest.raises(Retryable, match="FATAL"):
            seller.amazon.pull_cases(cursor)
        seller.now = NOW + timedelta(hours=2)
        cursor = seller.amazon.pull_cases(cursor).cursor
        seller.state = "DONE"
        assert len(seller.walk(cursor)[0]) == 1
        assert len(seller.payloads(CREATE)) == 2


def test_a_report_that_is_gone_is_ordered_again():
    with Seller(a_return()) as seller:
        cursor = seller.amazon.pull_cases("").cursor
        seller.answers[STATE] = (404, error_body("NotFound"))
        seller.now = NOW + timedelta(days=100)
        cursor = seller.amazon.pull_cases(cursor).cursor
        seller.amazon.pull_cases(cursor)
        assert len(seller.payloads(CREATE)) == 2


def test_a_document_that_is_gone_is_ordered_again_without_what_was_read():
    with Seller(*(a_return(Amazon_RMA_ID=f"DRMA{number}") for number in range(12))) as seller:
        cursor = seller.amazon.pull_cases("").cursor
        cursor = seller.amazon.pull_cases(cursor).cursor
        page = seller.amazon.pull_cases(cursor)
        seller.amazon = Amazon(seller.amazon.account, seller.amazon.http, lambda: seller.now)
        good, seller.answers[DOCUMENT] = seller.answers[DOCUMENT], (404, error_body("NotFound"))
        gone = seller.amazon.pull_cases(page.cursor)
        assert (gone.documents, gone.more) == ((), False)
        seller.answers[DOCUMENT] = good
        assert len(seller.walk(gone.cursor)[0]) == 12 - len(page.documents)


def test_a_report_in_another_language_is_named_as_such():
    with Seller() as seller:
        seller.answers[FILE] = (200, b"Bestellnummer\tSKU\r\n1\t2\r\n")
        with pytest.raises(BadRecord, match="English"):
            seller.walk()


def test_many_returns_are_read_in_pages_from_one_download():
    with Seller(*(a_return(Amazon_RMA_ID=f"DRMA{number}") for number in range(23))) as seller:
        found, _ = seller.walk(polls=2)
        assert len({case.external_no for case in found}) == len(found) == 23
        assert len(seller.calls(FILE)) == 1


def test_the_next_report_looks_back_and_tells_only_what_changed():
    with Seller(a_return(Amazon_RMA_ID="DRMA1"), a_return(Amazon_RMA_ID="DRMA2")) as seller:
        _, cursor = seller.walk()
        seller.now = NOW + timedelta(minutes=61)
        seller.table[1] = a_return(Amazon_RMA_ID="DRMA2", Refunded_Amount="10.00")
        (case,), _ = seller.walk(cursor)
        assert (case.external_no, case.state) == (f"{NO}/DRMA2", RefundState.SUCCEEDED)
        assert seller.payloads(CREATE)[1]["dataStartTime"] == "2026-01-31T04:00:00Z"


def test_between_reports_nothing_is_asked():
    with Seller(a_return()) as seller:
        _, cursor = seller.walk()
        calls = len(seller.sent)
        seller.now = NOW + timedelta(minutes=59)
        assert seller.amazon.pull_cases(cursor).more is False
        assert len(seller.sent) == calls


def test_a_far_start_is_walked_in_reports_of_sixty_days():
    with Seller(since="2025-11-01T00:00:00Z") as seller:
        seller.walk(polls=9)
        assert [payload["dataEndTime"][:10] for payload in seller.payloads(CREATE)] == [
            *("2025-12-01", "2025-12-31", "2026-01-30", "2026-03-01", "2026-03-02")
        ]


def test_a_return_of_an_order_that_cannot_be_read_is_told_without_its_item():
    with Seller(a_return()) as seller:
        seller.answers[ORDER] = (404, error_body("NotFound"))
        (case,), _ = seller.walk()
        assert (case.line_no, case.lines[0].units) == ("", 1)


def test_a_file_that_is_refused_is_asked_for_anew():
    with Seller(a_return()) as seller:
        cursor = seller.amazon.pull_cases("").cursor
        cursor = seller.amazon.pull_cases(cursor).cursor
        good, seller.answers[FILE] = seller.answers[FILE], (403, b"<Error>expired")
        with pytest.raises(Retryable, match="could not be fetched"):
            seller.amazon.pull_cases(cursor)
        seller.answers[FILE] = good
        assert len(seller.amazon.pull_cases(cursor).documents) == 1
        assert len(seller.calls(DOCUMENT)) == 2


def test_a_table_of_another_charset_is_read():
    with Seller(a_return(Return_Reason="DÉFECTUEUX")) as seller:
        seller.answers[FILE] = (200, a_table(*seller.table).decode().encode("cp1252"))
        (case,), _ = seller.walk()
        assert case.reason == "DÉFECTUEUX"


# ---- parsing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"Return_request_status": "Pending"}, RefundState.ASKED),
        ({"Return_request_status": "Approved"}, RefundState.AGREED),
        ({"Return_delivery_date": "09-Mar-2026"}, RefundState.RETURNED),
        ({"Return_request_status": "Denied"}, RefundState.REFUSED),
        ({"Return_request_status": "Completed"}, RefundState.SUCCEEDED),
        ({"Refunded_Amount": "10.00"}, RefundState.SUCCEEDED),
        ({"Refunded_Amount": "0.00"}, RefundState.AGREED),
        ({"Return_request_status": "Canceled", "Refunded_Amount": "1.00"}, RefundState.CLOSED),
        ({"Return_request_status": "Dancing"}, RefundState.ASKED),
    ],
)
def test_each_status_of_a_return_becomes_a_state(changes: dict[str, str], state: RefundState):
    case = parse_case(case_body(a_return(**changes)))
    assert case.state is state
    assert bool(case.alerts) is ("Dancing" in changes.values())
    is_open = state in (RefundState.ASKED, RefundState.AGREED, RefundState.RETURNED)
    assert case.allows == (("refund",) if is_open else ())


def test_a_return_tells_goods_money_parcel_and_days():
    case = parse_case(case_body(a_return(Return_delivery_date="09-Mar-2026")))
    assert (case.units, case.amount, case.currency, case.reason) == (1, 1000, "USD", "DEFECTIVE")
    assert (case.return_carrier, case.return_waybill) == ("UPS", "1ZBACK")
    assert case.created_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert case.changed_at == datetime(2026, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("resolution", "kind"), [("StandardRefund", "return"), ("Exchange", "exchange"), ("ReturnlessRefund", "refund")]
)
def test_a_resolution_says_what_kind_of_case_it_is(resolution: str, kind: str):
    assert parse_case(case_body(a_return(Resolution=resolution))).kind == kind


def test_several_goods_of_one_return_are_lines_by_sku_else_asin():
    items = [{"id": "90001", "sku": "MUG-1", "asin": "B1"}, {"id": "90002", "sku": "CUP", "asin": "B2"}]
    case = parse_case(case_body(a_return(), a_return(Merchant_SKU=None, ASIN="B2"), items=items))
    assert [line.line_no for line in case.lines] == ["90001", "90002"]
    assert (case.line_no, case.units, case.amount) == ("", 2, 2000)


def test_a_sku_that_stands_twice_in_an_order_names_no_line():
    items = [{"id": "90001", "sku": "MUG-1", "asin": "B1"}, {"id": "90002", "sku": "MUG-1", "asin": "B1"}]
    assert parse_case(case_body(items=items)).line_no == ""


def test_the_document_of_a_return_is_what_was_read():
    with Seller(a_return()) as seller:
        cursor = seller.amazon.pull_cases("").cursor
        cursor = seller.amazon.pull_cases(cursor).cursor
        (document,) = seller.amazon.pull_cases(cursor).documents
        assert orjson.loads(document.body)["rows"] == [a_return()]
