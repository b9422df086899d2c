"""A client of the twin with documents of its own."""

from __future__ import annotations

from typing import Any

from werkzeug.test import Client, TestResponse

from connectors.sandbox.saleor import credentials
from connectors.sandbox.saleor.twin import SaleorTwin

Doc = dict[str, Any]
ORDER = """fragment O on Order { id number status chargeStatus authorizeStatus isPaid updatedAt origin externalReference
  displayGrossPrices collectionPointName customerNote metadata { key value } shippingAddress { city country { code } }
  total { ...T } subtotal { ...T } shippingPrice { ...T } undiscountedTotal { ...T }
  totalCharged { fractionalAmount } totalRefunded { fractionalAmount } totalGrantedRefund { fractionalAmount }
  totalBalance { fractionalAmount } discounts { type total { fractionalAmount } }
  lines { id productSku productVariantId quantity quantityFulfilled quantityToFulfill isGift
    unitPrice { ...T } totalPrice { ...T } undiscountedTotalPrice { ...T } unitDiscount { fractionalAmount }
    allocations { quantity warehouse { id } } }
  fulfillments { id fulfillmentOrder status trackingNumber warehouse { id slug } lines { id quantity orderLine { id } } }
  transactions { id actions chargedAmount { amount } events { type pspReference amount { amount } } }
  grantedRefunds { id status reason amount { fractionalAmount } lines { id quantity orderLine { id } }
    transactionEvents { type } } events { type message } }
fragment T on TaxedMoney { currency gross { amount fractionalAmount fractionDigits } net { fractionalAmount }
  tax { fractionalAmount } }
"""
DETAIL = "query Detail($id: ID!) { order(id: $id) { ...O } }" + ORDER
LIST = """query List($first: Int, $after: String, $where: OrderWhereInput, $filter: OrderFilterInput) {
  orders(first: $first, after: $after, where: $where, filter: $filter,
    sortBy: {field: LAST_MODIFIED_AT, direction: ASC}) {
    totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id number status updatedAt } } } }"""
SHIP = """mutation Ship($order: ID!, $input: OrderFulfillInput!) { orderFulfill(order: $order, input: $input) {
  fulfillments { id status trackingNumber } errors { field message code orderLines } } }"""
TRACK = """mutation Track($id: ID!, $input: FulfillmentUpdateTrackingInput!) {
  orderFulfillmentUpdateTracking(id: $id, input: $input) { fulfillment { trackingNumber } errors { code } } }"""
UNDO = """mutation Undo($id: ID!, $input: FulfillmentCancelInput) { orderFulfillmentCancel(id: $id, input: $input) {
  fulfillment { status } errors { field code } } }"""
BACK = """mutation Back($order: ID!, $input: OrderReturnProductsInput!) {
  orderFulfillmentReturnProducts(order: $order, input: $input) { returnFulfillment { status lines { quantity } }
    errors { code } } }"""
GRANT = """mutation Grant($id: ID!, $input: OrderGrantRefundCreateInput!) {
  orderGrantRefundCreate(id: $id, input: $input) {
    grantedRefund { id status amount { fractionalAmount } }
    errors { field code lines { code } } } }"""
PAY_GRANT = """mutation Pay($id: ID!) { transactionRequestRefundForGrantedRefund(grantedRefundId: $id) {
  transaction { refundPendingAmount { fractionalAmount } } errors { code } } }"""
ACTION = """mutation Act($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal) {
  transactionRequestAction(id: $id, actionType: $action, amount: $amount) { transaction { id }
    errors { field code } } }"""
CANCEL = "mutation Cancel($id: ID!) { orderCancel(id: $id) { order { status } errors { code } } }"
CONFIRM = "mutation Confirm($id: ID!) { orderConfirm(id: $id) { order { status } errors { code } } }"
STOCK = """mutation Stock($sku: String, $stocks: [StockInput!]!) {
  productVariantStocksUpdate(sku: $sku, stocks: $stocks) {
  productVariant { sku stocks { quantity warehouse { id } } } errors { field code index } } }"""
HOOK = """mutation Hook($input: WebhookCreateInput!) { webhookCreate(input: $input) { webhook { id isActive
  asyncEvents { eventType } } errors { field code } } }"""


class Caller:
    """One app's view of a twin."""

    def __init__(self, twin: SaleorTwin) -> None:
        self.twin = twin
        self.client = Client(twin)
        self.token = credentials(1)["app_token"]

    def post(self, query: str, variables: Doc | None = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.post("/graphql/", json={"query": query, "variables": variables}, headers=headers)

    def ask(self, query: str, variables: Doc | None = None) -> Doc:
        """The content of `data`; fails on errors."""
        body = self.post(query, variables).get_json()
        assert "errors" not in body, body["errors"]
        found: Doc = body["data"]
        return found

    def error(self, query: str, variables: Doc | None = None) -> tuple[int, str, str]:
        """(HTTP status, code, message) of the first error."""
        answer = self.post(query, variables)
        first = answer.get_json()["errors"][0]
        return answer.status_code, first["extensions"]["exception"]["code"], first["message"]

    def mutate(self, query: str, variables: Doc) -> Doc:
        """The one payload of a mutation."""
        found: Doc = next(iter(self.ask(query, variables).values()))
        return found

    def make(self, kind: str = "plain") -> str:
        """A new order of a kind: its global id."""
        return str(self.twin.create({kind: 1})[kind][0])

    def order(self, id_: str) -> Doc:
        found: Doc = self.ask(DETAIL, {"id": id_})["order"]
        return found

    def verb(self, id_: str, verb: str, **body: Any) -> TestResponse:
        return self.client.post(f"/_twin/trades/{id_}/{verb}", json=body)

    def ship(self, id_: str, number: str = "T1", units: dict[str, int] | None = None) -> Doc:
        """Ship everything that waits, or some units by line, each from where it is allocated."""
        rows = [
            {"orderLineId": line["id"],
             "stocks": [{"quantity": (units or {}).get(line["id"], line["quantityToFulfill"]),
                         "warehouse": line["allocations"][0]["warehouse"]["id"]}]}
            for line in self.order(id_)["lines"]
            if line["allocations"] and (units is None or line["id"] in units)
        ]  # fmt: skip
        return self.mutate(SHIP, {"order": id_, "input": {"lines": rows, "trackingNumber": number}})

    def trade(self, id_: str) -> Doc:
        found: Doc = next(one for one in self.twin.ledger()["trades"] if one["tid"] == id_)
        return found
