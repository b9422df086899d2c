"""Inputs of lists and mutations."""

TEXT = """
input DateTimeRangeInput { gte: DateTime lte: DateTime }
input DateRangeInput { gte: Date lte: Date }
input IntRangeInput { gte: Int lte: Int }
input IntFilterInput { eq: Int oneOf: [Int!] range: IntRangeInput }
input StringFilterInput { eq: String oneOf: [String!] }
input GlobalIDFilterInput { eq: ID oneOf: [ID!] }
input OrderStatusEnumFilterInput { eq: OrderStatus oneOf: [OrderStatus!] }
input OrderChargeStatusEnumFilterInput { eq: OrderChargeStatusEnum oneOf: [OrderChargeStatusEnum!] }
input OrderAuthorizeStatusEnumFilterInput { eq: OrderAuthorizeStatusEnum oneOf: [OrderAuthorizeStatusEnum!] }
input OrderEventTypeEnumFilterInput { eq: OrderEventsEnum oneOf: [OrderEventsEnum!] }
input OrderEventFilterInput { date: DateTimeRangeInput type: OrderEventTypeEnumFilterInput }
input OrderWhereInput { ids: [ID!] number: IntFilterInput channelId: GlobalIDFilterInput createdAt: DateTimeRangeInput
  updatedAt: DateTimeRangeInput userEmail: StringFilterInput authorizeStatus: OrderAuthorizeStatusEnumFilterInput
  chargeStatus: OrderChargeStatusEnumFilterInput status: OrderStatusEnumFilterInput hasFulfillments: Boolean
  isClickAndCollect: Boolean events: [OrderEventFilterInput!] AND: [OrderWhereInput!] OR: [OrderWhereInput!] }
enum OrderStatusFilter { READY_TO_FULFILL READY_TO_CAPTURE UNFULFILLED UNCONFIRMED PARTIALLY_FULFILLED FULFILLED
  CANCELED }
input OrderFilterInput { status: [OrderStatusFilter!] created: DateRangeInput updatedAt: DateTimeRangeInput
  channels: [ID!] ids: [ID!] numbers: [String!] chargeStatus: [OrderChargeStatusEnum!]
  authorizeStatus: [OrderAuthorizeStatusEnum!] }
enum OrderSortField { NUMBER CREATION_DATE CREATED_AT LAST_MODIFIED_AT }
enum OrderDirection { ASC DESC }
input OrderSortingInput { direction: OrderDirection! field: OrderSortField! }
input ProductVariantFilterInput { search: String sku: [String!] updatedAt: DateTimeRangeInput }
input ProductVariantWhereInput { ids: [ID!] sku: StringFilterInput updatedAt: DateTimeRangeInput }
input MetadataInput { key: String! value: String! }
input OrderFulfillStockInput { quantity: Int! warehouse: ID! }
input OrderFulfillLineInput { orderLineId: ID stocks: [OrderFulfillStockInput!]! }
input OrderFulfillInput { lines: [OrderFulfillLineInput!]! notifyCustomer: Boolean allowStockToBeExceeded: Boolean
  trackingNumber: String }
input FulfillmentUpdateTrackingInput { trackingNumber: String notifyCustomer: Boolean }
input FulfillmentCancelInput { warehouseId: ID }
input OrderReturnLineInput { orderLineId: ID! quantity: Int! replace: Boolean reason: String }
input OrderReturnFulfillmentLineInput { fulfillmentLineId: ID! quantity: Int! replace: Boolean reason: String }
input OrderReturnProductsInput { orderLines: [OrderReturnLineInput!]
  fulfillmentLines: [OrderReturnFulfillmentLineInput!] amountToRefund: PositiveDecimal includeShippingCosts: Boolean
  refund: Boolean reason: String }
input OrderGrantRefundCreateLineInput { id: ID! quantity: Int! reason: String }
input OrderGrantRefundCreateInput { amount: Decimal reason: String lines: [OrderGrantRefundCreateLineInput!]
  grantRefundForShipping: Boolean transactionId: ID! }
input OrderGrantRefundUpdateLineAddInput { id: ID! quantity: Int! reason: String }
input OrderGrantRefundUpdateInput { amount: Decimal reason: String addLines: [OrderGrantRefundUpdateLineAddInput!]
  removeLines: [ID!] grantRefundForShipping: Boolean transactionId: ID }
input OrderUpdateInput { externalReference: String userEmail: String metadata: [MetadataInput!]
  privateMetadata: [MetadataInput!] }
input OrderNoteInput { message: String! }
input StockInput { warehouse: ID! quantity: Int! }
input StockBulkUpdateInput { variantId: ID variantExternalReference: String warehouseId: ID
  warehouseExternalReference: String quantity: Int! }
enum ErrorPolicyEnum { IGNORE_FAILED REJECT_EVERYTHING REJECT_FAILED_ROWS }
input WebhookCreateInput { name: String identifier: String targetUrl: String
  asyncEvents: [WebhookEventTypeAsyncEnum!] events: [WebhookEventTypeAsyncEnum!] app: ID isActive: Boolean
  secretKey: String query: String customHeaders: JSONString }
input WebhookUpdateInput { name: String targetUrl: String asyncEvents: [WebhookEventTypeAsyncEnum!]
  isActive: Boolean secretKey: String query: String customHeaders: JSONString }
"""
