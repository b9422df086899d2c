"""The root of queries and of mutations, and what mutations answer."""

TEXT = """
enum WebhookSubscriptionSortKeys { CREATED_AT ID RELEVANCE }
enum ProductSortKeys { CREATED_AT ID INVENTORY_TOTAL TITLE UPDATED_AT VENDOR RELEVANCE }
enum ProductVariantSortKeys { ID SKU TITLE NAME POSITION RELEVANCE }
type QueryRoot {
  shop: Shop!
  currentAppInstallation: AppInstallation!
  order(id: ID!): Order
  orders(first: Int, after: String, last: Int, before: String, reverse: Boolean, sortKey: OrderSortKeys,
    query: String): OrderConnection!
  ordersCount(query: String, limit: Int): Count
  return(id: ID!): Return
  refund(id: ID!): Refund
  fulfillment(id: ID!): Fulfillment
  fulfillmentOrder(id: ID!): FulfillmentOrder
  fulfillmentOrders(first: Int, after: String, last: Int, before: String, reverse: Boolean,
    sortKey: FulfillmentOrderSortKeys, query: String, includeClosed: Boolean): FulfillmentOrderConnection!
  location(id: ID): Location
  locations(first: Int, after: String, last: Int, before: String, reverse: Boolean, query: String,
    includeInactive: Boolean, includeLegacy: Boolean): LocationConnection!
  product(id: ID!): Product
  products(first: Int, after: String, last: Int, before: String, reverse: Boolean, sortKey: ProductSortKeys,
    query: String): ProductConnection!
  productVariant(id: ID!): ProductVariant
  productVariants(first: Int, after: String, last: Int, before: String, reverse: Boolean,
    sortKey: ProductVariantSortKeys, query: String): ProductVariantConnection!
  inventoryItem(id: ID!): InventoryItem
  inventoryItems(first: Int, after: String, last: Int, before: String, reverse: Boolean, query: String):
    InventoryItemConnection!
  webhookSubscription(id: ID!): WebhookSubscription
  webhookSubscriptions(first: Int, after: String, last: Int, before: String, reverse: Boolean, query: String,
    sortKey: WebhookSubscriptionSortKeys, topics: [WebhookSubscriptionTopic!], uri: String, callbackUrl: URL,
    format: WebhookSubscriptionFormat): WebhookSubscriptionConnection!
  job(id: ID!): Job
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}
type FulfillmentPayload { fulfillment: Fulfillment userErrors: [UserError!]! }
type FulfillmentEventCreatePayload { fulfillmentEvent: FulfillmentEvent userErrors: [UserError!]! }
type FulfillmentOrderHoldPayload {
  fulfillmentHold: FulfillmentHold fulfillmentOrder: FulfillmentOrder remainingFulfillmentOrder: FulfillmentOrder
  userErrors: [FulfillmentOrderHoldUserError!]!
}
type FulfillmentOrderPayload { fulfillmentOrder: FulfillmentOrder userErrors: [UserError!]! }
type OrderCancelPayload { job: Job orderCancelUserErrors: [OrderCancelUserError!]! userErrors: [UserError!]! }
type OrderPayload { order: Order userErrors: [UserError!]! }
type OrderCapturePayload { transaction: OrderTransaction userErrors: [UserError!]! }
type TagsPayload { node: Node userErrors: [UserError!]! }
type RefundCreatePayload { refund: Refund order: Order userErrors: [UserError!]! }
type ReturnPayload { return: Return userErrors: [ReturnUserError!]! }
type ReverseDisposePayload {
  reverseFulfillmentOrderLineItems: [ReverseFulfillmentOrderLineItem!] userErrors: [ReturnUserError!]!
}
type InventoryPayload {
  inventoryAdjustmentGroup: InventoryAdjustmentGroup userErrors: [InventorySetQuantitiesUserError!]!
}
type WebhookPayload { webhookSubscription: WebhookSubscription userErrors: [UserError!]! }
type WebhookDeletePayload { deletedWebhookSubscriptionId: ID userErrors: [UserError!]! }
type Mutation {
  fulfillmentCreate(fulfillment: FulfillmentInput!, message: String): FulfillmentPayload
  fulfillmentTrackingInfoUpdate(fulfillmentId: ID!, trackingInfoInput: FulfillmentTrackingInput!,
    notifyCustomer: Boolean): FulfillmentPayload
  fulfillmentCancel(id: ID!): FulfillmentPayload
  fulfillmentEventCreate(fulfillmentEvent: FulfillmentEventInput!): FulfillmentEventCreatePayload
  fulfillmentOrderHold(id: ID!, fulfillmentHold: FulfillmentOrderHoldInput!): FulfillmentOrderHoldPayload
  fulfillmentOrderReleaseHold(id: ID!, holdIds: [ID!], externalId: String): FulfillmentOrderPayload
  orderCancel(orderId: ID!, reason: OrderCancelReason!, restock: Boolean!, refund: Boolean,
    refundMethod: OrderCancelRefundMethodInput, notifyCustomer: Boolean, staffNote: String): OrderCancelPayload
  orderUpdate(input: OrderInput!): OrderPayload
  orderMarkAsPaid(input: OrderMarkAsPaidInput!): OrderPayload
  orderCapture(input: OrderCaptureInput!): OrderCapturePayload
  tagsAdd(id: ID!, tags: [String!]!): TagsPayload
  tagsRemove(id: ID!, tags: [String!]!): TagsPayload
  refundCreate(input: RefundInput!): RefundCreatePayload
  returnApproveRequest(input: ReturnApproveRequestInput!): ReturnPayload
  returnDeclineRequest(input: ReturnDeclineRequestInput!): ReturnPayload
  returnProcess(input: ReturnProcessInput!): ReturnPayload
  returnClose(id: ID!): ReturnPayload
  returnCancel(id: ID!, notifyCustomer: Boolean): ReturnPayload
  returnCreate(returnInput: ReturnInput!): ReturnPayload
  reverseFulfillmentOrderDispose(dispositionInputs: [ReverseFulfillmentOrderDisposeInput!]!): ReverseDisposePayload
  inventorySetQuantities(input: InventorySetQuantitiesInput!): InventoryPayload
  inventoryAdjustQuantities(input: InventoryAdjustQuantitiesInput!): InventoryPayload
  webhookSubscriptionCreate(topic: WebhookSubscriptionTopic!, webhookSubscription: WebhookSubscriptionInput!):
    WebhookPayload
  webhookSubscriptionUpdate(id: ID!, webhookSubscription: WebhookSubscriptionInput!): WebhookPayload
  webhookSubscriptionDelete(id: ID!): WebhookDeletePayload
}
"""
