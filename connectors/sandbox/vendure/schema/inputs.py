"""What calls bring along: list options with their operators, and the inputs of mutations."""

LIST_OPTIONS = """
input StringOperators { eq: String notEq: String contains: String notContains: String in: [String!] notIn: [String!]
  regex: String isNull: Boolean }
input IDOperators { eq: String notEq: String in: [String!] notIn: [String!] isNull: Boolean }
input BooleanOperators { eq: Boolean isNull: Boolean }
input NumberRange { start: Float! end: Float! }
input NumberOperators { eq: Float lt: Float lte: Float gt: Float gte: Float between: NumberRange isNull: Boolean }
input DateRange { start: DateTime! end: DateTime! }
input DateOperators { eq: DateTime before: DateTime after: DateTime between: DateRange isNull: Boolean }
input OrderFilterParameter { id: IDOperators createdAt: DateOperators updatedAt: DateOperators
  orderPlacedAt: DateOperators code: StringOperators state: StringOperators type: StringOperators
  active: BooleanOperators currencyCode: StringOperators customerLastName: StringOperators
  transactionId: StringOperators totalWithTax: NumberOperators totalQuantity: NumberOperators
  _and: [OrderFilterParameter!] _or: [OrderFilterParameter!] }
input OrderSortParameter { id: SortOrder createdAt: SortOrder updatedAt: SortOrder orderPlacedAt: SortOrder
  code: SortOrder state: SortOrder totalWithTax: SortOrder }
input OrderListOptions { skip: Int take: Int sort: OrderSortParameter filter: OrderFilterParameter
  filterOperator: LogicalOperator }
input ProductVariantFilterParameter { id: IDOperators sku: StringOperators name: StringOperators
  productId: IDOperators enabled: BooleanOperators stockOnHand: NumberOperators createdAt: DateOperators
  updatedAt: DateOperators _and: [ProductVariantFilterParameter!] _or: [ProductVariantFilterParameter!] }
input ProductVariantSortParameter { id: SortOrder createdAt: SortOrder updatedAt: SortOrder sku: SortOrder
  name: SortOrder }
input ProductVariantListOptions { skip: Int take: Int sort: ProductVariantSortParameter
  filter: ProductVariantFilterParameter filterOperator: LogicalOperator }
input ProductFilterParameter { id: IDOperators name: StringOperators sku: StringOperators enabled: BooleanOperators
  _and: [ProductFilterParameter!] _or: [ProductFilterParameter!] }
input ProductSortParameter { id: SortOrder name: SortOrder createdAt: SortOrder updatedAt: SortOrder }
input ProductListOptions { skip: Int take: Int sort: ProductSortParameter filter: ProductFilterParameter
  filterOperator: LogicalOperator }
input StockLocationListOptions { skip: Int take: Int }
input ChannelListOptions { skip: Int take: Int }
input HistoryEntrySortParameter { id: SortOrder createdAt: SortOrder }
input HistoryEntryFilterParameter { id: IDOperators type: StringOperators isPublic: BooleanOperators }
input HistoryEntryListOptions { skip: Int take: Int sort: HistoryEntrySortParameter
  filter: HistoryEntryFilterParameter }
enum SortOrder { ASC DESC }
enum LogicalOperator { AND OR }
"""

MUTATIONS = """
input OrderLineInput { orderLineId: ID! quantity: Int! }
input ConfigArgInput { name: String! value: String! }
input ConfigurableOperationInput { code: String! arguments: [ConfigArgInput!]! }
input FulfillOrderInput { lines: [OrderLineInput!]! handler: ConfigurableOperationInput! }
input CancelOrderInput { orderId: ID! lines: [OrderLineInput!] reason: String cancelShipping: Boolean }
input RefundOrderInput { lines: [OrderLineInput!] shipping: Money adjustment: Money amount: Money paymentId: ID!
  reason: String }
input SettleRefundInput { id: ID! transactionId: String! }
input AddNoteToOrderInput { id: ID! note: String! isPublic: Boolean! }
input UpdateOrderNoteInput { noteId: ID! note: String isPublic: Boolean }
input StockLevelInput { stockLocationId: ID! stockOnHand: Int! }
input UpdateProductVariantInput { id: ID! enabled: Boolean sku: String stockOnHand: Int
  stockLevels: [StockLevelInput!] outOfStockThreshold: Int trackInventory: GlobalFlag }
input WebhookInput { event: String! url: String! transformerName: String }
"""
