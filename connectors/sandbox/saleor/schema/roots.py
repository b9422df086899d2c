"""Queries, mutations with their payloads, and the events of subscriptions."""

TEXT = """
type QueryRoot {
  shop: Shop! app: App channels: [Channel!]
  channel(id: ID, slug: String): Channel
  order(id: ID, externalReference: String): Order
  orders(filter: OrderFilterInput, where: OrderWhereInput, sortBy: OrderSortingInput, search: String,
    channel: String, first: Int, after: String, last: Int, before: String): OrderCountableConnection
  warehouse(id: ID, externalReference: String): Warehouse
  warehouses(first: Int, after: String, last: Int, before: String): WarehouseCountableConnection
  products(channel: String, first: Int, after: String, last: Int, before: String): ProductCountableConnection
  productVariant(id: ID, sku: String, externalReference: String, channel: String): ProductVariant
  productVariants(ids: [ID!], channel: String, filter: ProductVariantFilterInput, where: ProductVariantWhereInput,
    search: String, first: Int, after: String, last: Int, before: String): ProductVariantCountableConnection
  transaction(id: ID, token: UUID): TransactionItem
  webhook(id: ID!): Webhook
}
type OrderError { field: String message: String code: String! warehouse: ID orderLines: [ID!] variants: [ID!] }
type OrderGrantRefundCreateLineError { field: String message: String code: String! lineId: ID! }
type OrderGrantRefundError { field: String message: String code: String!
  lines: [OrderGrantRefundCreateLineError!] addLines: [OrderGrantRefundCreateLineError!] }
type PlainError { field: String message: String code: String! }
type BulkStockError { field: String message: String code: String! index: Int }
type StockBulkResult { stock: Stock errors: [PlainError!] }
type OrderFulfill { fulfillments: [Fulfillment!] order: Order errors: [OrderError!]! }
type FulfillmentChange { fulfillment: Fulfillment order: Order errors: [OrderError!]! }
type OrderChange { order: Order errors: [OrderError!]! }
type FulfillmentReturnProducts { returnFulfillment: Fulfillment replaceFulfillment: Fulfillment order: Order
  replaceOrder: Order errors: [OrderError!]! }
type OrderGrantRefund { order: Order grantedRefund: OrderGrantedRefund errors: [OrderGrantRefundError!]! }
type TransactionRequest { transaction: TransactionItem errors: [PlainError!]! }
type OrderNoteAdd { order: Order event: OrderEvent errors: [PlainError!]! }
type UpdateMetadata { item: Node errors: [PlainError!]! }
type ProductVariantStocksUpdate { productVariant: ProductVariant errors: [BulkStockError!]! }
type StockBulkUpdate { count: Int! results: [StockBulkResult!]! errors: [PlainError!]! }
type WebhookChange { webhook: Webhook errors: [PlainError!]! }
type Mutation {
  orderFulfill(order: ID, input: OrderFulfillInput!): OrderFulfill
  orderFulfillmentUpdateTracking(id: ID!, input: FulfillmentUpdateTrackingInput!): FulfillmentChange
  orderFulfillmentCancel(id: ID!, input: FulfillmentCancelInput): FulfillmentChange
  orderFulfillmentApprove(id: ID!, notifyCustomer: Boolean!, allowStockToBeExceeded: Boolean): FulfillmentChange
  orderFulfillmentReturnProducts(order: ID!, input: OrderReturnProductsInput!): FulfillmentReturnProducts
  orderCancel(id: ID!): OrderChange
  orderConfirm(id: ID!): OrderChange
  orderMarkAsPaid(id: ID!, transactionReference: String): OrderChange
  orderUpdate(id: ID, externalReference: String, input: OrderUpdateInput!): OrderChange
  orderNoteAdd(order: ID!, input: OrderNoteInput!): OrderNoteAdd
  updateMetadata(id: ID!, input: [MetadataInput!]!): UpdateMetadata
  updatePrivateMetadata(id: ID!, input: [MetadataInput!]!): UpdateMetadata
  orderGrantRefundCreate(id: ID!, input: OrderGrantRefundCreateInput!): OrderGrantRefund
  orderGrantRefundUpdate(id: ID!, input: OrderGrantRefundUpdateInput!): OrderGrantRefund
  transactionRequestRefundForGrantedRefund(grantedRefundId: ID!, id: ID, token: UUID): TransactionRequest
  transactionRequestAction(id: ID, token: UUID, actionType: TransactionActionEnum!, amount: PositiveDecimal):
    TransactionRequest
  productVariantStocksUpdate(variantId: ID, sku: String, stocks: [StockInput!]!): ProductVariantStocksUpdate
  stockBulkUpdate(errorPolicy: ErrorPolicyEnum, stocks: [StockBulkUpdateInput!]!): StockBulkUpdate
  webhookCreate(input: WebhookCreateInput!): WebhookChange
  webhookUpdate(id: ID!, input: WebhookUpdateInput!): WebhookChange
  webhookDelete(id: ID!): WebhookChange
}
interface Event { issuedAt: DateTime version: String }
type OrderCreated implements Event { order: Order }
type OrderConfirmed implements Event { order: Order }
type OrderPaid implements Event { order: Order }
type OrderFullyPaid implements Event { order: Order }
type OrderRefunded implements Event { order: Order }
type OrderFullyRefunded implements Event { order: Order }
type OrderUpdated implements Event { order: Order }
type OrderCancelled implements Event { order: Order }
type OrderExpired implements Event { order: Order }
type OrderFulfilled implements Event { order: Order }
type OrderMetadataUpdated implements Event { order: Order }
type OrderBulkCreated implements Event { orders: [Order!] }
type FulfillmentCreated implements Event { order: Order fulfillment: Fulfillment notifyCustomer: Boolean! }
type FulfillmentCanceled implements Event { order: Order fulfillment: Fulfillment }
type FulfillmentApproved implements Event { order: Order fulfillment: Fulfillment notifyCustomer: Boolean! }
type FulfillmentTrackingNumberUpdated implements Event { order: Order fulfillment: Fulfillment }
type ProductVariantStockUpdated implements Event { productVariant: ProductVariant warehouse: Warehouse }
type Subscription { event: Event }
"""
