"""The GraphQL documents this connector sends, reads first, then writes. Texts only; the roots are told by their names."""

from __future__ import annotations

_FULFILMENTS = "fulfillments { id state method trackingCode createdAt updatedAt lines { orderLineId quantity } }"
_PAYMENTS = """payments {
    id method amount state transactionId createdAt updatedAt
    refunds { id total state transactionId reason createdAt updatedAt lines { orderLineId quantity } }
  }"""
_NOTES = """history(options: { filter: { type: { eq: "ORDER_NOTE" } } }) { items { id data } }"""

_ORDER = f"""
fragment O on Order {{
  id code type state active createdAt updatedAt orderPlacedAt currencyCode couponCodes
  customer {{ id }}
  shippingAddress {{
    fullName company streetLine1 streetLine2 city province postalCode country countryCode phoneNumber
  }}
  totalWithTax
  discounts {{ adjustmentSource type description amountWithTax }}
  surcharges {{ id description priceWithTax price }}
  shippingLines {{
    id shippingMethod {{ code name }} priceWithTax discountedPrice discountedPriceWithTax
    discounts {{ adjustmentSource amount amountWithTax }}
  }}
  lines {{
    id quantity orderPlacedQuantity productVariant {{ id sku name product {{ id name }} }}
    unitPriceWithTax linePriceWithTax
    proratedUnitPrice proratedUnitPriceWithTax proratedLinePrice proratedLinePriceWithTax
  }}
  {_PAYMENTS}
  {_FULFILMENTS}
  {_NOTES}
}}
"""

ORDERS = (
    "query OrdersChanged($options: OrderListOptions) { orders(options: $options) { totalItems items { ...O } } }" + _ORDER
)
CASES = """query OrdersCases($options: OrderListOptions) {
  orders(options: $options) { totalItems items { id type updatedAt orderPlacedAt payments { refunds { id updatedAt } } } }
}"""
PLACED = """query OrdersPlaced($options: OrderListOptions) {
  orders(options: $options) { totalItems items { id type orderPlacedAt updatedAt } }
}"""
ORDER = "query OrderDetail($id: ID!) { order(id: $id) { ...O } }" + _ORDER
CASE = f"""query CaseDetail($id: ID!) {{
  order(id: $id) {{
    id code updatedAt currencyCode
    lines {{ id proratedUnitPriceWithTax }}
    {_PAYMENTS}
    {_FULFILMENTS}
  }}
}}"""
WHO = "query Who { activeChannel { id } }"
ORDER_NOTES = f"query OrderNotes($id: ID!) {{ order(id: $id) {{ id {_NOTES} }} }}"
ORDER_SHIPPING = f"""query OrderShipping($id: ID!) {{
  order(id: $id) {{ id state lines {{ id quantity }} {_FULFILMENTS} }}
}}"""
ORDER_MONEY = f"query OrderMoney($id: ID!) {{ order(id: $id) {{ id currencyCode {_PAYMENTS} }} }}"
VARIANTS = """query Variants($options: ProductVariantListOptions) {
  productVariants(options: $options) {
    totalItems
    items {
      id sku name enabled currencyCode priceWithTax product { id name enabled }
      stockLevels { stockLocationId stockOnHand stockAllocated }
    }
  }
}"""
STOCKS = """query Stocks($options: ProductVariantListOptions) {
  productVariants(options: $options) { items { id stockLevels { stockLocationId stockAllocated } } }
}"""
LOCATIONS = "query Locations { stockLocations(options: { take: 2 }) { items { id } } }"

_ERROR = "... on ErrorResult { errorCode message }"
LOGIN = f"""mutation Login($username: String!, $password: String!) {{
  login(username: $username, password: $password, rememberMe: true) {{
    __typename ... on CurrentUser {{ id }} {_ERROR}
  }}
}}"""
FULFIL = f"""mutation Fulfil($input: FulfillOrderInput!) {{
  addFulfillmentToOrder(input: $input) {{ __typename ... on Fulfillment {{ id state }} {_ERROR} }}
}}"""
MOVE = """mutation Move($id: ID!, $state: String!) {
  transitionFulfillmentToState(id: $id, state: $state) {
    __typename ... on Fulfillment { id state }
    ... on FulfillmentStateTransitionError { errorCode message transitionError }
  }
}"""
CANCEL = f"""mutation Cancel($input: CancelOrderInput!) {{
  cancelOrder(input: $input) {{ __typename ... on Order {{ id state }} {_ERROR} }}
}}"""
REFUND = f"""mutation Refund($input: RefundOrderInput!) {{
  refundOrder(input: $input) {{ __typename ... on Refund {{ id state }} {_ERROR} }}
}}"""
NOTE = "mutation AddNote($input: AddNoteToOrderInput!) { addNoteToOrder(input: $input) { id } }"
STOCK = """mutation SetStocks($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { id }
}"""
