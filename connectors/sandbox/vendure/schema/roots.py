"""The two roots: what can be asked and what can be done."""

TEXT = """
type QueryRoot {
  me: CurrentUser
  activeAdministrator: Administrator
  activeChannel: Channel!
  channels(options: ChannelListOptions): ChannelList!
  globalSettings: GlobalSettings!
  order(id: ID!): Order
  orders(options: OrderListOptions): OrderList!
  product(id: ID, slug: String): Product
  products(options: ProductListOptions): ProductList!
  productVariant(id: ID!): ProductVariant
  productVariants(options: ProductVariantListOptions, productId: ID): ProductVariantList!
  stockLocation(id: ID!): StockLocation
  stockLocations(options: StockLocationListOptions): StockLocationList!
  fulfillmentHandlers: [ConfigurableOperationDefinition!]!
  webhooks: [Webhook!]!
  availableWebhookEvents: [String!]!
  availableWebhookRequestTransformers: [WebhookRequestTransformer!]!
}
type Mutation {
  login(username: String!, password: String!, rememberMe: Boolean): NativeAuthenticationResult!
  logout: Success!
  addFulfillmentToOrder(input: FulfillOrderInput!): AddFulfillmentToOrderResult!
  transitionFulfillmentToState(id: ID!, state: String!): TransitionFulfillmentToStateResult!
  transitionOrderToState(id: ID!, state: String!): TransitionOrderToStateResult
  cancelOrder(input: CancelOrderInput!): CancelOrderResult!
  refundOrder(input: RefundOrderInput!): RefundOrderResult!
  settleRefund(input: SettleRefundInput!): SettleRefundResult!
  settlePayment(id: ID!): SettlePaymentResult!
  cancelPayment(id: ID!): CancelPaymentResult!
  addNoteToOrder(input: AddNoteToOrderInput!): Order!
  updateOrderNote(input: UpdateOrderNoteInput!): HistoryEntry!
  updateProductVariants(input: [UpdateProductVariantInput!]!): [ProductVariant]!
  setWebhooks(webhooks: [WebhookInput!]!): [Webhook!]!
}
"""
