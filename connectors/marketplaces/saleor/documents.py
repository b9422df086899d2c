"""The GraphQL documents this connector sends, reads first, then writes. Texts only; the roots are told by their names."""

from __future__ import annotations

_TAXED = "{ currency gross { amount } net { amount } tax { amount } }"
_MONEY = "{ amount currency }"
_ADDRESS = """{
    firstName lastName companyName streetAddress1 streetAddress2 city cityArea postalCode countryArea
    country { code } phone
  }"""
_FULFILMENTS = f"""
  fulfillments {{
    id status trackingNumber created warehouse {{ id }} totalRefundedAmount {_MONEY}
    lines {{ id quantity orderLine {{ id }} }}
  }}"""
_GRANTED = f"""
  grantedRefunds {{
    id createdAt updatedAt amount {_MONEY} status reason shippingCostsIncluded
    lines {{ id quantity reason orderLine {{ id }} }}
  }}"""

_ORDER = f"""
fragment O on Order {{
  id number externalReference origin created updatedAt status chargeStatus authorizeStatus customerNote
  channel {{ slug }} user {{ id }}
  flag: privateMetafield(key: "flag")
  shippingAddress {_ADDRESS}
  shippingMethodName collectionPointName
  total {_TAXED} shippingPrice {_TAXED} undiscountedShippingPrice {_MONEY}
  totalCharged {_MONEY} totalRefunded {_MONEY}
  discounts {{ id type name total {_MONEY} }} voucherCode
  giftCards {{ id }}
  lines {{
    id productName variantName productSku productVariantId quantity isShippingRequired isGift
    totalPrice {_TAXED} undiscountedTotalPrice {{ currency gross {{ amount }} }}
    allocations {{ quantity warehouse {{ id }} }}
    variant {{ id sku product {{ id productType {{ kind }} }} }}
  }}
  {_FULFILMENTS}
  transactions {{
    id name pspReference createdAt modifiedAt
    chargedAmount {_MONEY} refundedAmount {_MONEY} refundPendingAmount {_MONEY}
    events {{ type createdAt }}
  }}
  {_GRANTED}
  events {{ id date type message related {{ id }} }}
}}
"""

_CASE = f"""
fragment C on Order {{
  id number created updatedAt total {_TAXED}
  lines {{ id quantity totalPrice {_TAXED} }}
  {_FULFILMENTS}
  {_GRANTED}
}}
"""


def listing(name: str, kind: str, fields: str, field: str) -> str:
    """A list of orders, oldest first by `field`; `kind` is where or filter, by the platform's version."""
    shape = "OrderWhereInput" if kind == "where" else "OrderFilterInput"
    return f"""query {name}($first: Int!, $after: String, $filter: {shape}, $channel: String) {{
  orders(first: $first, after: $after, {kind}: $filter, channel: $channel,
    sortBy: {{ field: {field}, direction: ASC }}) {{
    pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{ {fields} }} }}
  }}
}}
"""


def changed(kind: str) -> str:
    """Orders by time of change, whole."""
    return listing("OrdersChanged", kind, "...O", "LAST_MODIFIED_AT") + _ORDER


def cases(kind: str) -> str:
    """After-sales of orders by time of change."""
    row = "id updatedAt grantedRefunds { id } fulfillments { id status }"
    return listing("OrdersCases", kind, row, "LAST_MODIFIED_AT")


def created(kind: str) -> str:
    """Orders by time of creation, in a few words."""
    return listing("OrdersCreated", kind, "id created updatedAt status", "CREATED_AT")


ORDER = "query OrderDetail($id: ID!) { order(id: $id) { ...O } }" + _ORDER
CASE = "query CaseDetail($id: ID!) { order(id: $id) { ...C } }" + _CASE
CHECK = "query Check { orders(first: 1) { edges { node { id } } } }"
APP = "query Me { app { id } }"
COUNT = """query OrdersCount($filter: OrderWhereInput, $channel: String) {
  orders(first: 1, where: $filter, channel: $channel) { totalCount }
}"""
ORDER_STATUS = "query OrderStatus($id: ID!) { order(id: $id) { id status } }"
ORDER_NOTES = """query OrderNotes($id: ID!) {
  order(id: $id) { id flag: privateMetafield(key: "flag") events { id type message related { id } } }
}"""
ORDER_SHIPPING = f"""query OrderShipping($id: ID!) {{
  order(id: $id) {{
    id status
    lines {{
      id quantity quantityToFulfill
      allocations {{ quantity warehouse {{ id }} }}
      variant {{ id stocks {{ warehouse {{ id }} }} }}
    }}
    {_FULFILMENTS}
  }}
}}"""
ORDER_MONEY = f"""query OrderMoney($id: ID!) {{
  order(id: $id) {{
    id total {{ currency gross {{ amount }} }}
    transactions {{ id pspReference actions chargedAmount {_MONEY} }}
    {_GRANTED}
  }}
}}"""
VARIANTS = """query Variants($first: Int!, $after: String, $channel: String) {
  productVariants(first: $first, after: $after, channel: $channel) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      id sku name
      product { id name channelListings { channel { slug } isPublished } }
      channelListings { channel { slug } price { amount currency } }
      stocks { quantity quantityAllocated warehouse { id } }
    } }
  }
}"""
STOCKS = """query Stocks($first: Int!, $ids: [ID!]) {
  productVariants(first: $first, ids: $ids) {
    edges { node { id stocks { quantity quantityAllocated warehouse { id } } } }
  }
}"""
WAREHOUSES = "query Warehouses { warehouses(first: 2) { edges { node { id } } } }"

_ERRORS = "errors { field message code }"
FULFIL = f"""mutation Fulfil($order: ID!, $input: OrderFulfillInput!) {{
  orderFulfill(order: $order, input: $input) {{ fulfillments {{ id status trackingNumber }} {_ERRORS} }}
}}"""
APPROVE = f"""mutation Approve($id: ID!, $notify: Boolean!, $exceed: Boolean) {{
  orderFulfillmentApprove(id: $id, notifyCustomer: $notify, allowStockToBeExceeded: $exceed) {{
    fulfillment {{ id status }} {_ERRORS}
  }}
}}"""
TRACKING = f"""mutation Tracking($id: ID!, $input: FulfillmentUpdateTrackingInput!) {{
  orderFulfillmentUpdateTracking(id: $id, input: $input) {{ fulfillment {{ id trackingNumber }} {_ERRORS} }}
}}"""
CANCEL = f"mutation Cancel($id: ID!) {{ orderCancel(id: $id) {{ order {{ id status }} {_ERRORS} }} }}"
RETURN_GOODS = f"""mutation ReturnGoods($order: ID!, $input: OrderReturnProductsInput!) {{
  orderFulfillmentReturnProducts(order: $order, input: $input) {{ returnFulfillment {{ id status }} {_ERRORS} }}
}}"""
GRANT = f"""mutation Grant($id: ID!, $input: OrderGrantRefundCreateInput!) {{
  orderGrantRefundCreate(id: $id, input: $input) {{ grantedRefund {{ id status }} {_ERRORS} }}
}}"""
PAY_BACK = f"""mutation PayBack($granted: ID!, $id: ID) {{
  transactionRequestRefundForGrantedRefund(grantedRefundId: $granted, id: $id) {{
    transaction {{ id }} {_ERRORS}
  }}
}}"""
NOTE = f"""mutation AddNote($order: ID!, $input: OrderNoteInput!) {{
  orderNoteAdd(order: $order, input: $input) {{ event {{ id }} {_ERRORS} }}
}}"""
FLAG = f"""mutation SetFlag($id: ID!, $input: [MetadataInput!]!) {{
  updatePrivateMetadata(id: $id, input: $input) {{ item {{ __typename }} {_ERRORS} }}
}}"""
STOCK = """mutation SetStocks($stocks: [StockBulkUpdateInput!]!) {
  stockBulkUpdate(stocks: $stocks, errorPolicy: REJECT_FAILED_ROWS) {
    count results { errors { field message code } } errors { field message code }
  }
}"""
NEW_STOCK = """mutation NewStock($id: ID!, $stocks: [StockInput!]!) {
  productVariantStocksUpdate(variantId: $id, stocks: $stocks) {
    productVariant { id } errors { field message code }
  }
}"""
