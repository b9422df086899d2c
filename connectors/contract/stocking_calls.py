"""What a warehouse's connector may do about stock besides fulfilments; overriding is the capability."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import notices as n
from connectors.contract import stocking as s
from connectors.contract.errors import NotSupported


class Stocking:
    """Levels by query, and documents by which goods come in or leave."""

    def pull_stock(self, sku_codes: Sequence[str], warehouse_code: str = "", owner_code: str = "") -> s.StockReport:
        """Units on hand now, in one warehouse of the account; a SKU the warehouse does not know is left out."""
        raise NotSupported("pull_stock")

    def create_stock_order(self, notice: s.StockOrderNotice) -> n.Receipt:
        """Hand over a document that takes goods in or sends them; the receipt's reference is the warehouse's number."""
        raise NotSupported("create_stock_order")

    def find_stock_order(self, ref: s.StockOrderRef) -> s.StockOrderFound | None:
        """What the warehouse has under our number; None when it knows nothing of it."""
        raise NotSupported("find_stock_order")

    def cancel_stock_order(self, ref: s.StockOrderRef) -> n.Receipt:
        """Take such a document back; Refused when goods have moved."""
        raise NotSupported("cancel_stock_order")
