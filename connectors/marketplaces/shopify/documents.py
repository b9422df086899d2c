"""The GraphQL documents this connector sends, reads first, then writes. Texts only; the roots are told by their names."""

from __future__ import annotations

_MONEY = "fragment M on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"

_RETURN = """
fragment R on Return {
  id name status createdAt requestApprovedAt closedAt totalQuantity
  decline { reason note }
  returnLineItems(first: 50) { nodes {
    __typename id quantity processableQuantity processedQuantity unprocessedQuantity refundableQuantity refundedQuantity
    returnReasonNote customerNote returnReasonDefinition { handle name }
    ... on ReturnLineItem {
      fulfillmentLineItem { id lineItem { id sku } }
      withCodeDiscountedTotalPriceSet { ...M }
      restockingFee { percentage amountSet { ...M } }
    }
    ... on UnverifiedReturnLineItem { unitPrice { amount currencyCode } }
  } }
  exchangeLineItems(first: 20) { nodes { id quantity } }
  refunds(first: 10) { nodes { id totalRefundedSet { ...M } } }
  reverseFulfillmentOrders(first: 5) { nodes {
    id status
    lineItems(first: 50) { nodes {
      id totalQuantity fulfillmentLineItem { id } dispositions { quantity type }
    } }
    reverseDeliveries(first: 5) { nodes { deliverable {
      ... on ReverseDeliveryShippingDeliverable { tracking { carrierName number } }
    } } }
  } }
}
"""

_FULFILLING = """
    fulfillmentOrders(first: 20) { nodes {
      id status requestStatus createdAt updatedAt fulfillAt fulfillBy
      assignedLocation { name location { id } }
      deliveryMethod { methodType }
      fulfillmentHolds { id reason }
      supportedActions { action }
      lineItems(first: 100) { nodes { id totalQuantity remainingQuantity lineItem { id } } }
    } }
    fulfillments(first: 20) {
      id name status displayStatus createdAt updatedAt deliveredAt
      trackingInfo(first: 10) { company number url }
      fulfillmentLineItems(first: 100) { nodes { id quantity lineItem { id } } }
    }
"""

_LINES = """ {
      pageInfo { hasNextPage endCursor }
      nodes {
        id sku name title variantTitle quantity currentQuantity refundableQuantity unfulfilledQuantity
        requiresShipping isGiftCard
        variant { id sku inventoryItem { id } }
        product { id }
        originalUnitPriceSet { ...M } originalTotalSet { ...M }
        discountAllocations { allocatedAmountSet { ...M } discountApplication { __typename index } }
        taxLines { title rate priceSet { ...M } channelLiable }
        duties { id price { ...M } }
      }
    }
"""

_REFUND = """
      id createdAt processedAt updatedAt note totalRefundedSet { ...M } return { id }
      refundLineItems(first: 50) { nodes {
        id quantity restockType restocked lineItem { id } subtotalSet { ...M } totalTaxSet { ...M }
      } }
      transactions(first: 10) { nodes { id kind status gateway amountSet { ...M } processedAt } }
"""

_TRANSACTIONS = """
    transactions(first: 30) { id kind status gateway test amountSet { ...M } processedAt parentTransaction { id } }
"""

ORDER = f"""query OrderDetail($id: ID!) {{
  order(id: $id) {{
    id legacyResourceId name sourceName createdAt processedAt updatedAt closedAt cancelledAt cancelReason
    test confirmed edited tags note poNumber
    currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded
    displayFinancialStatus displayFulfillmentStatus returnStatus
    totalPriceSet {{ ...M }} totalTipReceivedSet {{ ...M }} totalOutstandingSet {{ ...M }}
    customer {{ id }}
    shippingAddress {{ name company address1 address2 city province provinceCode zip country countryCodeV2 phone }}
    discountApplications(first: 20) {{ nodes {{
      __typename index targetType targetSelection allocationMethod
      ... on DiscountCodeApplication {{ code }}
      ... on AutomaticDiscountApplication {{ title }}
      ... on ManualDiscountApplication {{ title }}
    }} }}
    lineItems(first: 100) {_LINES}
    shippingLines(first: 5) {{ nodes {{
      id code title originalPriceSet {{ ...M }} discountedPriceSet {{ ...M }}
      discountAllocations {{ allocatedAmountSet {{ ...M }} discountApplication {{ __typename index }} }}
      taxLines {{ title rate priceSet {{ ...M }} channelLiable }}
    }} }}
    {_TRANSACTIONS} {_FULFILLING}
    refunds(first: 20) {{ {_REFUND} }}
    returns(first: 10) {{ nodes {{
      id status
      returnLineItems(first: 20) {{ nodes {{
        __typename id quantity refundedQuantity ... on ReturnLineItem {{ fulfillmentLineItem {{ lineItem {{ id }} }} }}
      }} }}
    }} }}
  }}
}}
{_MONEY}"""

#: Further lines of an order with more than a hundred.
ORDER_LINES = f"""query OrderLines($id: ID!, $after: String) {{
  order(id: $id) {{ id lineItems(first: 100, after: $after) {_LINES} }}
}}
{_MONEY}"""

#: What a shipment needs of an order; the name is that of the whole document, of which it is a part.
ORDER_SHIPPING = f"""query OrderDetail($id: ID!) {{ order(id: $id) {{ id cancelledAt {_FULFILLING} }} }}"""

#: What a refund needs of an order.
ORDER_MONEY = f"""query OrderDetail($id: ID!) {{
  order(id: $id) {{
    id currencyCode presentmentCurrencyCode {_TRANSACTIONS} refunds(first: 20) {{ {_REFUND} }}
    lineItems(first: 100) {{ nodes {{ id refundableQuantity }} }}
    fulfillments(first: 20) {{ status fulfillmentLineItems(first: 100) {{ nodes {{ quantity lineItem {{ id }} }} }} }}
  }}
}}
{_MONEY}"""

ORDER_MEMO = "query OrderDetail($id: ID!) { order(id: $id) { id note tags } }"
ORDER_STATE = "query OrderDetail($id: ID!) { order(id: $id) { id cancelledAt } }"

ORDERS = """query OrdersList($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id updatedAt createdAt }
  }
}"""

ORDERS_CREATED = """query OrdersList($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: CREATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id updatedAt createdAt }
  }
}"""

ORDERS_CASES = """query OrdersList($first: Int!, $after: String, $query: String!) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id updatedAt createdAt returns(first: 10) { nodes { id } } refunds(first: 20) { id return { id } } }
  }
}"""

FULFILLMENT_ORDERS = """query FulfillmentOrdersList($first: Int!, $after: String, $query: String!) {
  fulfillmentOrders(first: $first, after: $after, query: $query, includeClosed: true, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id updatedAt order { id } }
  }
}"""

ORDERS_COUNT = """query OrdersCount($query: String!) { ordersCount(query: $query, limit: null) { count precision } }"""

RETURN = f"""query ReturnDetail($id: ID!) {{ return(id: $id) {{ ...R order {{ id name updatedAt currencyCode }} }} }}
{_RETURN}{_MONEY}"""

REFUND = f"""query RefundDetail($id: ID!) {{
  refund(id: $id) {{ {_REFUND} order {{ id name updatedAt currencyCode }} }}
}}
{_MONEY}"""

SHOP = "query Shop { shop { id name currencyCode } }"

VARIANTS = """query Variants($first: Int!, $after: String) {
  productVariants(first: $first, after: $after, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { id sku title barcode price inventoryQuantity product { id title status } }
  }
}"""

INVENTORY_ITEMS = """query InventoryItems($ids: [ID!]!) {
  nodes(ids: $ids) { id ... on ProductVariant { inventoryItem { id } } }
}"""

LOCATION = "query PrimaryLocation { location { id } }"

BALANCE = """query BalanceTransactions($first: Int!, $after: String) {
  shopifyPaymentsAccount {
    balanceTransactions(first: $first, after: $after, sortKey: PROCESSED_AT) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id type test transactionDate amount { amount currencyCode } fee { amount currencyCode }
        associatedOrder { id name } associatedPayout { id } adjustmentReason
      }
    }
  }
}"""

# ---- writes ---------------------------------------------------------------------------------------

FULFIL = """mutation FulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status trackingInfo(first: 5) { company number url } } userErrors { field message }
  }
}"""

TRACKING = """mutation FulfillmentTracking($id: ID!, $t: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $t, notifyCustomer: $notify) {
    fulfillment { id } userErrors { field message }
  }
}"""

CANCEL = """mutation OrderCancel($id: ID!, $reason: OrderCancelReason!, $restock: Boolean!,
  $refundMethod: OrderCancelRefundMethodInput, $notify: Boolean, $note: String) {
  orderCancel(orderId: $id, reason: $reason, restock: $restock, refundMethod: $refundMethod,
    notifyCustomer: $notify, staffNote: $note) {
    job { id done } orderCancelUserErrors { code field message }
  }
}"""

REFUND_CREATE = """mutation RefundCreate($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field message } }
}"""

RETURN_APPROVE = """mutation ReturnApprove($input: ReturnApproveRequestInput!) {
  returnApproveRequest(input: $input) { return { id status } userErrors { code field message } }
}"""

RETURN_DECLINE = """mutation ReturnDecline($input: ReturnDeclineRequestInput!) {
  returnDeclineRequest(input: $input) { return { id status } userErrors { code field message } }
}"""

RETURN_PROCESS = """mutation ReturnProcess($input: ReturnProcessInput!) {
  returnProcess(input: $input) { return { id status } userErrors { code field message } }
}"""

INVENTORY_SET = """mutation InventorySet($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { createdAt reason } userErrors { code field message }
  }
}"""

ORDER_UPDATE = """mutation OrderUpdate($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field message } }
}"""
