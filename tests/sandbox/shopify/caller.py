"""A client of the twin with documents of its own."""

from __future__ import annotations

from typing import Any

from werkzeug.test import Client, TestResponse

from connectors.sandbox.shopify.twin import ShopifyTwin

Doc = dict[str, Any]
PATH = "/admin/api/2026-10/graphql.json"
MONEY = "fragment M on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
DETAIL = (
    """
query Detail($id: ID!) { order(id: $id) {
  id legacyResourceId name updatedAt test note tags edited taxesIncluded cancelledAt cancelReason
  displayFinancialStatus displayFulfillmentStatus returnStatus presentmentCurrencyCode
  totalPriceSet { ...M } subtotalPriceSet { ...M } totalTaxSet { ...M } totalShippingPriceSet { ...M }
  currentTotalPriceSet { ...M } totalRefundedSet { ...M } totalOutstandingSet { ...M } totalTipReceivedSet { ...M }
  shippingAddress { name city countryCodeV2 phone }
  lineItems(first: 50) { nodes { id sku quantity currentQuantity refundableQuantity unfulfilledQuantity
    originalTotalSet { ...M } variant { id } taxLines { channelLiable }
    discountAllocations { allocatedAmountSet { ...M } discountApplication { index } } } }
  transactions(first: 20) { id kind status gateway amountSet { ...M } parentTransaction { id } }
  fulfillmentOrders(first: 10) { nodes { id status requestStatus supportedActions { action }
    deliveryMethod { methodType } assignedLocation { location { id } }
    lineItems(first: 50) { nodes { id totalQuantity remainingQuantity lineItem { id } } } } }
  fulfillments(first: 10) { id status displayStatus trackingInfo(first: 5) { company number url }
    fulfillmentLineItems(first: 50) { nodes { id quantity lineItem { id } } } }
  refunds(first: 10) { id return { id } refundLineItems(first: 50) { nodes { quantity restockType } }
    totalRefundedSet { ...M } }
  returns(first: 10) { nodes { id name status decline { reason note } returnLineItems(first: 10) { nodes {
    __typename id quantity processableQuantity refundedQuantity customerNote
    ... on ReturnLineItem { fulfillmentLineItem { lineItem { id sku } } } } }
    reverseFulfillmentOrders(first: 5) { nodes { lineItems(first: 5) { nodes { id } } } } } }
} }"""
    + MONEY
)
SHIP = """mutation Ship($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) {
  fulfillment { id status trackingInfo { company number } } userErrors { field message } } }"""
REFUND = """mutation Refund($input: RefundInput!, $key: String!) { refundCreate(input: $input) @idempotent(key: $key) {
  refund { id totalRefundedSet { shopMoney { amount } } } userErrors { field message } } }"""
HOME = "gid://shopify/Location/80000001"


class Caller:
    """One app's view of a twin."""

    def __init__(self, twin: ShopifyTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.token = twin.keys["access_token"]

    def post(self, query: str, variables: Doc | None = None, *, path: str = PATH) -> TestResponse:
        headers = {"X-Shopify-Access-Token": self.token}
        return self.client.post(path, json={"query": query, "variables": variables}, headers=headers)

    def ask(self, query: str, variables: Doc | None = None) -> Doc:
        """The content of `data`; fails on errors."""
        body = self.post(query, variables).get_json()
        assert "errors" not in body, body["errors"]
        found: Doc = body["data"]
        return found

    def errors(self, query: str, variables: Doc | None = None) -> list[tuple[str, str]]:
        """(code, message) of each error."""
        body = self.post(query, variables).get_json()
        return [(found["extensions"]["code"], found["message"]) for found in body["errors"]]

    def mutate(self, query: str, variables: Doc) -> Doc:
        """The one payload of a mutation."""
        return next(iter(self.ask(query, variables).values()))  # type: ignore[no-any-return]

    def make(self, kind: str = "plain") -> str:
        """A new order of a kind: its global id."""
        found = self.twin.create({kind: 1})[kind]
        return str(found[0])

    def order(self, id_: str) -> Doc:
        found: Doc = self.ask(DETAIL, {"id": id_})["order"]
        return found

    def verb(self, id_: str, verb: str, **body: Any) -> TestResponse:
        return self.client.post(f"/_twin/trades/{id_}/{verb}", json=body)

    def ship(self, id_: str, number: str = "Z1", lines: list[Doc] | None = None, place: int = 0, **tracking: Any) -> Doc:
        """Ship one fulfilment order, or some of its lines."""
        waiting = self.order(id_)["fulfillmentOrders"]["nodes"][place]["id"]
        part: Doc = {"fulfillmentOrderId": waiting}
        if lines is not None:
            part["fulfillmentOrderLineItems"] = lines
        told = {"company": "ZTO", "number": number, **tracking}
        return self.mutate(SHIP, {"f": {"lineItemsByFulfillmentOrder": [part], "trackingInfo": told}})

    def trade(self, id_: str) -> Doc:
        found: Doc = next(one for one in self.twin.ledger()["trades"] if one["tid"] == id_)
        return found


def cents(bag: Doc, side: str = "shopMoney") -> int:
    """A MoneyBag's amount in minor units."""
    whole, _, part = bag[side]["amount"].partition(".")
    return int(whole) * 100 + int(part)
