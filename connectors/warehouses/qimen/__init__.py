"""Qimen (奇门): any warehouse behind the Qimen gateway. Wire formats live in the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from connectors.contract import notices as n
from connectors.contract import stocking as s
from connectors.contract.errors import AuthFailed, BadRecord, ConnectorError, Refused, Retryable
from connectors.contract.families import CheckReport, Clock, Warehouse, utc_now
from connectors.contract.http import Http
from connectors.contract.manifest import Account
from connectors.warehouses.qimen import codes, documents, orders, pushes, reports, stocking, xml
from connectors.warehouses.qimen.client import QimenClient
from connectors.warehouses.qimen.confirms import read_confirm
from connectors.warehouses.qimen.settings import MANIFEST, REQUIRED

#: Pages of a document's lines that a look-up reads at most: 5,000 lines.
_MAX_PAGES = 50


class QimenWarehouse(Warehouse):
    """One account of a warehouse partner; documents name their warehouse themselves."""

    manifest = MANIFEST

    def __init__(self, account: Account, http: Http | None = None, clock: Clock = utc_now) -> None:
        super().__init__(account, http, clock)
        self._client = QimenClient(account, self.gateway, self.http, clock)

    def check(self) -> CheckReport:
        """Ask for a document that does not exist: any answer of the partner proves the credentials."""
        given = {**self.account.settings, **self.account.secrets}
        missing = [name for name in REQUIRED if not given.get(name)]
        if missing:
            return CheckReport(False, f"fill in {', '.join(missing)}")
        if not orders.fits_element(given.get("print_data_key") or "unset"):
            return CheckReport(False, "print_data_key is no name of an element: letters, digits, _ . -")
        ref = n.FulfilmentRef("CHECK-0", "OTHER", self.account.settings["owner_code"])
        try:
            self._client.read("deliveryorder.query", documents.build_query(ref))
        except Refused as error:
            reached = not error.code.startswith("http-")
            return CheckReport(reached, "connected" if reached else f"{error.words}: check the gateway address")
        except AuthFailed as error:
            return CheckReport(False, error.words)
        except Retryable as error:
            return CheckReport(False, f"{error.words}: check the gateway address, or try again later")
        return CheckReport(True, "connected")

    # ---- outbound documents ------------------------------------------------------------------------

    def create_fulfilment(self, notice: n.FulfilmentNotice) -> n.Receipt:
        """deliveryorder.create; "already exists" counts as accepted once the look-up finds it alive."""
        body = orders.build_create(notice, self.account.settings)
        try:
            answer = self._client.write("deliveryorder.create", body, hide=orders.secret_words(notice))
        except Refused as error:
            if not codes.says(error.words, codes.DUPLICATE_WORDS):
                raise
            return self._accepted_before(notice, error)
        return _created(answer)

    def create_fulfilments(self, notices: Sequence[n.FulfilmentNotice]) -> Mapping[str, n.Receipt | ConnectorError]:
        """deliveryorder.batchcreate: the answer names what is wrong at once, the rest is answered by a push later."""
        ended: dict[str, n.Receipt | ConnectorError] = {}
        bodies: dict[str, str] = {}
        for notice in notices:
            try:
                bodies[notice.number] = orders.order_xml(notice, self.account.settings)
            except (BadRecord, Refused) as error:
                ended[notice.number] = Refused(error.words, code=error.code)
        if not bodies:
            return ended
        hide = [word for notice in notices for word in orders.secret_words(notice)]
        answer = self._client.write("deliveryorder.batchcreate", orders.build_batch(list(bodies.values())), hide=hide)
        for order in xml.children(answer, "orders/order"):
            number, words = xml.text(order, "deliveryOrderCode"), xml.text(order, "message")
            if number in bodies:
                ended[number] = Refused(self._client.scrubbed(words, hide) or "refused without a word", code="batch")
        taken = n.Receipt("", xml.text(answer, "message"), is_pending=True)
        return dict.fromkeys(bodies, taken) | ended

    def _accepted_before(self, notice: n.FulfilmentNotice, refusal: Refused) -> n.Receipt:
        found = self.find_fulfilment(n.FulfilmentRef(notice.number, notice.warehouse_code, notice.owner_code))
        if found is None or found.state in (n.WarehouseState.CANCELLED, n.WarehouseState.REFUSED):
            raise refusal
        return n.Receipt(found.warehouse_ref, refusal.words, {"repeated": "true"})

    def find_fulfilment(self, ref: n.FulfilmentRef) -> n.FulfilmentFound | None:
        """deliveryorder.query; `shipment` holds everything that left so far."""
        try:
            answer = self._query(ref)
        except Refused as error:
            if codes.says(error.words, codes.UNKNOWN_WORDS):
                return None
            raise
        if not xml.text(answer, "deliveryOrder/deliveryOrderCode"):
            return None
        return _found(answer, read_confirm(answer, self.clock()))

    def _query(self, ref: n.FulfilmentRef) -> Element:
        """The document with the lines of all its pages."""
        answer = self._client.read("deliveryorder.query", documents.build_query(ref))
        total, lines = xml.units(answer, "totalLines") or 0, answer.find("orderLines")
        for page in range(2, _MAX_PAGES + 1):
            if lines is None or len(lines) >= total:
                return answer
            more = self._client.read("deliveryorder.query", documents.build_query(ref, page)).find("orderLines")
            if more is None or not len(more):
                return answer
            lines.extend(more)
        raise BadRecord(f"has more than {_MAX_PAGES} pages of lines", field="totalLines")

    def cancel_fulfilment(self, ref: n.FulfilmentRef) -> n.Receipt:
        """order.cancel; a document that is found cancelled already counts as done."""
        try:
            answer = self._client.write("order.cancel", documents.build_cancel(ref))
        except Refused as error:
            if ref.line_nos or not codes.says(error.words, codes.CANCELLED_WORDS):
                raise
            found = self.find_fulfilment(ref)
            if found is None or found.state is not n.WarehouseState.CANCELLED:
                raise
            return n.Receipt(found.warehouse_ref, error.words, {"repeated": "true"})
        return _receipt(answer, ref.warehouse_ref)

    def hold(self, ref: n.FulfilmentRef, on: bool) -> n.Receipt:
        """order.pending: pause (on) or resume (off)."""
        return _receipt(self._client.write("order.pending", documents.build_pending(ref, on)), ref.warehouse_ref)

    def call_back(self, ref: n.FulfilmentRef, waybill_no: str) -> n.Receipt:
        """order.callback: the warehouse asks its courier to stop a parcel."""
        body = documents.build_call_back(ref, waybill_no)
        return _receipt(self._client.write("order.callback", body), ref.warehouse_ref)

    # ---- returns, items, stock ---------------------------------------------------------------------

    def announce_return(self, ref: n.FulfilmentRef, lines: Sequence[n.FulfilmentLineNotice]) -> n.Receipt:
        """returnorder.create for goods of fulfilment `ref`; `answer["return_no"]` is the number used.

        The contract carries no sender: the shop's own contact stands in, as it may for masked buyers.
        """
        number, body = documents.build_return(ref, lines, self.account.settings)
        answer = self._client.write("returnorder.create", body)
        return n.Receipt(xml.text(answer, "returnOrderId"), xml.text(answer, "message"), {"return_no": number})

    def sync_items(self, items: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
        """singleitem.synchronize one by one; keys of an item: see `documents.ITEM_ELEMENTS`.

        The answer holds only items to which the warehouse gave an id. Repeating is harmless: an item that
        exists is updated.
        """
        known: dict[str, str] = {}
        for item in items:
            item_id = self._sync_item(item)
            if item_id:
                known[item["sku_code"]] = item_id
        return known

    def _sync_item(self, item: Mapping[str, str]) -> str:
        settings = self.account.settings
        place = item.get("warehouse_code") or settings.get("warehouse_code", "")
        owner = item.get("owner_code") or settings.get("owner_code", "")
        action = "update" if item.get("item_id") else "add"
        try:
            answer = self._client.write("singleitem.synchronize", documents.build_item(item, action, place, owner))
        except Refused as error:
            if action == "update" or not codes.says(error.words, codes.DUPLICATE_WORDS):
                raise
            answer = self._client.write("singleitem.synchronize", documents.build_item(item, "update", place, owner))
        return xml.text(answer, "itemId")

    def pull_stock(self, sku_codes: Sequence[str], warehouse_code: str = "", owner_code: str = "") -> s.StockReport:
        """inventory.query, in the account's own `warehouse_code` unless named; frozen units are on hand too."""
        settings = self.account.settings
        place = warehouse_code or settings.get("warehouse_code", "")
        asked_at = self.clock()
        body = documents.build_stock_query(sku_codes, place, owner_code or settings.get("owner_code", ""))
        found = reports.read_stock_levels(self._client.read("inventory.query", body), place, asked_at)
        if len(found) > 1:
            raise Refused("several warehouses answered: set the account's warehouse_code", code="warehouse_code")
        return found[0]

    # ---- goods that come in or leave besides parcels --------------------------------------------------

    def create_stock_order(self, notice: s.StockOrderNotice) -> n.Receipt:
        """entryorder.create or stockout.create; "already exists" counts once the look-up finds it alive."""
        try:
            answer = self._client.write(
                f"{stocking.METHODS[notice.direction]}.create", stocking.build_stock_order(notice)
            )
        except Refused as error:
            if not codes.says(error.words, codes.DUPLICATE_WORDS):
                raise
            found = self.find_stock_order(stocking.ref_of(notice))
            if found is None or found.state in (s.StockOrderState.CANCELLED, s.StockOrderState.REFUSED):
                raise
            return n.Receipt(found.reference, error.words, {"repeated": "true"})
        reference = xml.text(answer, "entryOrderId") or xml.text(answer, "deliveryOrderId")
        return n.Receipt(reference, xml.text(answer, "message"))

    def find_stock_order(self, ref: s.StockOrderRef) -> s.StockOrderFound | None:
        """entryorder.query or stockout.query."""
        try:
            answer = self._client.read(f"{stocking.METHODS[ref.direction]}.query", stocking.build_stock_query(ref))
        except Refused as error:
            if codes.says(error.words, codes.UNKNOWN_WORDS):
                return None
            raise
        return stocking.read_found(answer, ref.direction)

    def cancel_stock_order(self, ref: s.StockOrderRef) -> n.Receipt:
        """order.cancel of a document that takes goods in or sends them."""
        return _receipt(self._client.write("order.cancel", stocking.build_stock_cancel(ref)), ref.reference)

    # ---- pushes ------------------------------------------------------------------------------------

    def verify_push(self, push: n.PushRequest) -> n.PushEnvelope:
        """Signature, customer and age on the raw request."""
        return pushes.verify(push, self.account)

    def parse_push(self, push: n.PushRequest) -> n.PushReport:
        """The one report of a push; None for hints. Several at once are read by `parse_push_reports`."""
        found = self.parse_push_reports(push)
        if len(found) > 1:
            raise BadRecord(f"the push holds {len(found)} reports", field="orders")
        return found[0] if found else None

    def parse_push_reports(self, push: n.PushRequest) -> tuple[n.PushReport, ...]:
        """All reports of a push: batches hold one per document, stock changes one per warehouse."""
        return pushes.read(push)

    def refuse_push(self, words: str) -> n.PushAnswer:
        """The failure envelope."""
        return pushes.refusal(words)


def _receipt(answer: Element, reference: str) -> n.Receipt:
    return n.Receipt(reference, xml.text(answer, "message"))


def _created(answer: Element) -> n.Receipt:
    """The receipt; where the warehouse split the document, its first number leads and `answer` has all."""
    parts = [xml.text(node, "deliveryOrderId") for node in xml.children(answer, "deliveryOrders/deliveryOrder")]
    reference = xml.text(answer, "deliveryOrderId") or next(iter(parts), "")
    facts = {
        "warehouse_code": xml.text(answer, "warehouseCode"),
        "carrier_code": xml.text(answer, "logisticsCode"),
        "split": ",".join(parts),
    }
    return n.Receipt(reference, xml.text(answer, "message"), {name: fact for name, fact in facts.items() if fact})


def _found(answer: Element, report: n.ShipmentReport | n.ProgressReport) -> n.FulfilmentFound:
    reference = xml.text(answer, "deliveryOrder/deliveryOrderId")
    if isinstance(report, n.ProgressReport):
        return n.FulfilmentFound(report.number, report.state, reference, report.words)
    # What a query tells is the sum of all confirms, so it must not pass for the last of them.
    return n.FulfilmentFound(report.number, report.state, reference, "", replace(report, key=f"query|{report.key}"))


CONNECTOR = QimenWarehouse
