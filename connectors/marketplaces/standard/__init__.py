"""Our own interface, for every shop that no connector speaks to: documents come by our API, results are fetched there.

Nobody is called from here. What the hub writes back is told by webhook or polled, which the application sees to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract.families import CheckReport, Marketplace
from connectors.contract.manifest import Manifest
from connectors.contract.notices import (
    InterceptionNotice,
    Receipt,
    ShipmentFound,
    ShipmentNotice,
    StockAnswer,
    StockLevel,
)
from connectors.contract.records import CaseRecord, OrderRecord
from connectors.marketplaces.standard.cases import read_case
from connectors.marketplaces.standard.orders import read_order

#: The answer to every write: there is nobody to refuse it.
TOLD = Receipt(words="told by webhook, or fetched by the other side")


class Standard(Marketplace):
    """A shop whose own system pushes orders and cases to the hub and takes results from it."""

    tells_email = True
    manifest = Manifest(
        vendor="standard",
        family="marketplace",
        label_zh="标准接口",
        label_en="Standard interface",
        mark="标",
        gateway="https://nobody.invalid",  # A family wants one; this vendor calls nobody.
    )

    def check(self) -> CheckReport:
        """There are no credentials to try: the other side calls with a key of ours."""
        return CheckReport(True, "make an API key for this shop: oms user key NAME --shop ID")

    def parse_order(self, body: bytes) -> OrderRecord:
        """The order in a document of the interface."""
        return read_order(body)

    def parse_case(self, body: bytes) -> CaseRecord:
        """The refund, return or exchange in a document of the interface."""
        return read_case(body)

    def push_shipment(self, notice: ShipmentNotice) -> Receipt:
        """The parcel is in the shop's list of shipments already."""
        return TOLD

    def change_shipment(self, notice: ShipmentNotice) -> Receipt:
        """The list of shipments has the new waybill."""
        return TOLD

    def find_shipment(self, order_no: str) -> ShipmentFound:
        """Nothing is kept here, and a write cannot get lost on its way."""
        return ShipmentFound({})

    def confirm_interception(self, notice: InterceptionNotice) -> Receipt:
        """The list of case results has the answer."""
        return TOLD

    def decide_case(self, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> Receipt:
        """The list of case results has the decision; no facts are wanted."""
        return TOLD

    def goods_received(self, case_no: str, facts: Mapping[str, str]) -> Receipt:
        """The list of case results says so; no facts are wanted."""
        return TOLD

    def push_stock(self, levels: Sequence[StockLevel]) -> StockAnswer:
        """Sellable units are asked for by the other side, so every level counts as set."""
        return StockAnswer(len(levels))


CONNECTOR = Standard
