"""Calls a Vendure twin as a back-office system would; its documents are written after the sheet of the Admin API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from connectors.sandbox.vendure.twin import VendureTwin

Doc = dict[str, Any]
DISCOUNT = "{ adjustmentSource type description amount amountWithTax }"
ADDRESS = "{ fullName company streetLine1 streetLine2 city province postalCode country countryCode phoneNumber }"
ORDER = f"""fragment Whole on Order {{
  id code type state active createdAt updatedAt orderPlacedAt currencyCode couponCodes totalQuantity nextStates
  channels {{ id code }} customer {{ id firstName lastName emailAddress phoneNumber }}
  shippingAddress {ADDRESS} billingAddress {ADDRESS}
  subTotal subTotalWithTax shipping shippingWithTax total totalWithTax
  taxSummary {{ description taxRate taxBase taxTotal }} discounts {DISCOUNT}
  surcharges {{ id description sku price priceWithTax taxRate }}
  shippingLines {{ id shippingMethod {{ id code name }} price priceWithTax discountedPriceWithTax discounts {DISCOUNT} }}
  lines {{ id quantity orderPlacedQuantity productVariant {{ id sku name }} unitPrice unitPriceWithTax
    discountedUnitPriceWithTax proratedUnitPrice proratedUnitPriceWithTax linePrice linePriceWithTax
    discountedLinePriceWithTax proratedLinePrice proratedLinePriceWithTax lineTax taxRate
    taxLines {{ description taxRate }} discounts {DISCOUNT} fulfillmentLines {{ fulfillmentId quantity }} }}
  payments {{ id method amount state transactionId createdAt updatedAt errorMessage
    refunds {{ id createdAt updatedAt items shipping adjustment total method state transactionId reason paymentId
      lines {{ orderLineId quantity }} }} }}
  fulfillments {{ id state method trackingCode createdAt updatedAt nextStates lines {{ orderLineId quantity }} }}
  modifications {{ id createdAt priceChange note refund {{ id total }} }}
  history {{ totalItems items {{ id type isPublic data }} }} customFields
}}"""
SAYS_NO = "... on ErrorResult { errorCode message }"
STUCK = "... on FulfillmentStateTransitionError { transitionError fromState toState }"
MUTATIONS = {
    "login": ("$username: String!, $password: String!", "username: $username, password: $password",
              f"... on CurrentUser {{ id identifier channels {{ token code }} }} {SAYS_NO}"),
    "addFulfillmentToOrder": ("$input: FulfillOrderInput!", "input: $input",
                              f"... on Fulfillment {{ id state method trackingCode nextStates }} {SAYS_NO} {STUCK}"),
    "transitionFulfillmentToState": ("$id: ID!, $state: String!", "id: $id, state: $state",
                                     f"... on Fulfillment {{ id state }} {STUCK} {SAYS_NO}"),
    "transitionOrderToState": ("$id: ID!, $state: String!", "id: $id, state: $state",
                               f"... on Order {{ id state }} {SAYS_NO}"),
    "cancelOrder": ("$input: CancelOrderInput!", "input: $input", f"... on Order {{ id state }} {SAYS_NO}"),
    "refundOrder": ("$input: RefundOrderInput!", "input: $input",
                    f"... on Refund {{ id state total transactionId }} {SAYS_NO}"
                    " ... on RefundAmountError { maximumRefundable }"),
    "settleRefund": ("$input: SettleRefundInput!", "input: $input",
                     f"... on Refund {{ id state transactionId }} {SAYS_NO}"),
    "settlePayment": ("$id: ID!", "id: $id", f"... on Payment {{ id state }} {SAYS_NO}"),
    "addNoteToOrder": ("$input: AddNoteToOrderInput!", "input: $input", "id"),
    "updateProductVariants": ("$input: [UpdateProductVariantInput!]!", "input: $input",
                              "id sku stockLevels { stockLocationId stockOnHand stockAllocated }"),
    "setWebhooks": ("$webhooks: [WebhookInput!]!", "webhooks: $webhooks", "id event url requestTransformer { name }"),
}  # fmt: skip


class Caller:
    """A client of the twin, with the API key unless other headers are given."""

    def __init__(self, twin: VendureTwin) -> None:
        self.twin = twin
        self.client = Client(twin, use_cookies=False)
        self.headers = {"vendure-api-key": twin.shop.keys["api_key"]}

    def post(self, body: object, headers: Mapping[str, str] | None = None) -> TestResponse:
        sent = body if isinstance(body, str) else json.dumps(body)
        told = self.headers if headers is None else headers
        return self.client.post("/admin-api", data=sent, content_type="application/json", headers=dict(told))

    def ask(self, query: str, **variables: Any) -> Doc:
        """What stands under "data"; errors make it fail."""
        found: Doc = self.post({"query": query, "variables": variables}).get_json()
        assert "errors" not in found, found["errors"]
        data: Doc = found["data"]
        return data

    def errors(self, query: str, **variables: Any) -> list[Doc]:
        found: Doc = self.post({"query": query, "variables": variables}).get_json()
        errors: list[Doc] = found["errors"]
        return errors

    def do(self, name: str, **variables: Any) -> Doc:
        """What a mutation answers: a member of its union."""
        declared, args, wanted = MUTATIONS[name]
        typename = "" if name in ("addNoteToOrder", "updateProductVariants", "setWebhooks") else "__typename"
        answer: Doc = self.ask(f"mutation M({declared}) {{ {name}({args}) {{ {typename} {wanted} }} }}", **variables)
        return answer[name]  # type: ignore[no-any-return]

    def buy(self, kind: str = "plain", count: int = 1) -> list[str]:
        return list(self.twin.create({kind: count})[kind])

    def order(self, id_: str) -> Doc:
        found: Doc = self.ask(f"query O($id: ID!) {{ order(id: $id) {{ ...Whole }} }} {ORDER}", id=id_)["order"]
        return found

    def list(self, **options: Any) -> Doc:
        wanted = "orders(options: $options) { totalItems items { ...Whole } }"
        query = f"query L($options: OrderListOptions) {{ {wanted} }} {ORDER}"
        found: Doc = self.ask(query, options=options)["orders"]
        return found

    def act(self, number: str, verb: str, **body: Any) -> TestResponse:
        return self.client.post(f"/_twin/trades/{number}/{verb}", json=body)

    def pass_time(self, seconds: float = 0) -> None:
        self.client.post("/_twin/advance", json={"seconds": seconds})

    def fault(self, kind: str, **more: Any) -> None:
        self.client.post("/_twin/faults", json={"faults": [{"kind": kind, **more}]})

    def trade(self, number: str) -> Doc:
        rows: list[Doc] = self.client.get("/_twin/ledger").get_json()["trades"]
        return next(row for row in rows if row["tid"] == number)

    def parcel(self, units: Mapping[str, int], tracking: str = "ZT1", code: str = "manual-fulfillment") -> Doc:
        """Put units of lines into a fulfillment."""
        handler = {"code": code, "arguments": [{"name": "method", "value": "ZTO"},
                                               {"name": "trackingCode", "value": tracking}]}  # fmt: skip
        lines = [{"orderLineId": no, "quantity": num} for no, num in units.items()]
        return self.do("addFulfillmentToOrder", input={"lines": lines, "handler": handler})

    def ship(self, number: str, units: Mapping[str, int] | None = None, tracking: str = "ZT1") -> str:
        """Ship units of an order, or all of it; the fulfillment's id."""
        units = units or {line["id"]: line["quantity"] for line in self.order(number)["lines"]}
        made = self.parcel(units, tracking)
        assert made["__typename"] == "Fulfillment", made
        moved = self.do("transitionFulfillmentToState", id=made["id"], state="Shipped")
        assert moved["state"] == "Shipped", moved
        return str(made["id"])
