"""Types of orders: lines, discounts, fulfilments, payments, granted refunds, what happened."""

TEXT = """
enum OrderStatus { DRAFT UNCONFIRMED UNFULFILLED PARTIALLY_FULFILLED PARTIALLY_RETURNED RETURNED FULFILLED CANCELED
  EXPIRED }
enum OrderOriginEnum { CHECKOUT DRAFT REISSUE BULK_CREATE }
enum OrderChargeStatusEnum { NONE PARTIAL FULL OVERCHARGED }
enum OrderAuthorizeStatusEnum { NONE PARTIAL FULL }
enum PaymentChargeStatusEnum { NOT_CHARGED PENDING PARTIALLY_CHARGED FULLY_CHARGED PARTIALLY_REFUNDED FULLY_REFUNDED
  REFUSED CANCELLED }
enum LanguageCodeEnum { EN ZH_HANS ZH_HANS_CN }
enum DiscountValueTypeEnum { FIXED PERCENTAGE }
enum OrderDiscountType { SALE VOUCHER MANUAL PROMOTION ORDER_PROMOTION }
enum FulfillmentStatus { FULFILLED REFUNDED RETURNED REPLACED REFUNDED_AND_RETURNED CANCELED WAITING_FOR_APPROVAL }
enum OrderGrantedRefundStatusEnum { NONE PENDING SUCCESS FAILURE }
enum TransactionActionEnum { CHARGE REFUND CANCEL }
enum TransactionEventTypeEnum { AUTHORIZATION_SUCCESS AUTHORIZATION_FAILURE AUTHORIZATION_REQUEST CHARGE_SUCCESS
  CHARGE_FAILURE CHARGE_REQUEST CHARGE_BACK REFUND_SUCCESS REFUND_FAILURE REFUND_REQUEST REFUND_REVERSE
  CANCEL_SUCCESS CANCEL_FAILURE CANCEL_REQUEST INFO }
enum OrderEventsEnum { PLACED CONFIRMED CANCELED EXPIRED ORDER_FULLY_PAID ORDER_MARKED_AS_PAID NOTE_ADDED
  UPDATED_ADDRESS FULFILLMENT_FULFILLED_ITEMS FULFILLMENT_CANCELED FULFILLMENT_RETURNED FULFILLMENT_REFUNDED
  FULFILLMENT_REPLACED FULFILLMENT_AWAITS_APPROVAL NOTE_UPDATED TRACKING_UPDATED TRANSACTION_EVENT
  TRANSACTION_REFUND_REQUESTED TRANSACTION_CHARGE_REQUESTED OTHER }
type OrderDiscount implements Node { id: ID! type: OrderDiscountType! name: String valueType: DiscountValueTypeEnum!
  value: PositiveDecimal! reason: String amount: Money! total: Money! }
type OrderLineDiscount { id: ID! type: OrderDiscountType! name: String valueType: DiscountValueTypeEnum!
  value: PositiveDecimal! reason: String unit: Money! total: Money! }
type Allocation implements Node { id: ID! quantity: Int! warehouse: Warehouse! }
type OrderLine implements Node { id: ID! productName: String! variantName: String! productSku: String
  productVariantId: String isShippingRequired: Boolean! quantity: Int! quantityFulfilled: Int!
  quantityToFulfill: Int! taxRate: Float! unitPrice: TaxedMoney! undiscountedUnitPrice: TaxedMoney!
  unitDiscount: Money! unitDiscountReason: String unitDiscountType: DiscountValueTypeEnum
  unitDiscountValue: PositiveDecimal! totalPrice: TaxedMoney! undiscountedTotalPrice: TaxedMoney!
  variant: ProductVariant allocations: [Allocation!] voucherCode: String isGift: Boolean
  discounts: [OrderLineDiscount!] metadata: [MetadataItem!]! metafield(key: String!): String }
type FulfillmentLine implements Node { id: ID! quantity: Int! orderLine: OrderLine }
type Fulfillment implements Node { id: ID! fulfillmentOrder: Int! status: FulfillmentStatus! trackingNumber: String!
  created: DateTime! lines: [FulfillmentLine!] statusDisplay: String warehouse: Warehouse
  shippingRefundedAmount: Money totalRefundedAmount: Money reason: String metadata: [MetadataItem!]! }
type TransactionEvent implements Node { id: ID! createdAt: DateTime! pspReference: String! message: String!
  externalUrl: String! amount: Money! type: TransactionEventTypeEnum }
type TransactionItem implements Node { id: ID! token: UUID! createdAt: DateTime! modifiedAt: DateTime!
  actions: [TransactionActionEnum!]! authorizedAmount: Money! authorizePendingAmount: Money! chargedAmount: Money!
  chargePendingAmount: Money! refundedAmount: Money! refundPendingAmount: Money! canceledAmount: Money!
  cancelPendingAmount: Money! name: String! message: String! pspReference: String! externalUrl: String!
  events: [TransactionEvent!]! order: Order }
type OrderGrantedRefundLine { id: ID! quantity: Int! reason: String orderLine: OrderLine! }
type OrderGrantedRefund { id: ID! createdAt: DateTime! updatedAt: DateTime! amount: Money! reason: String
  shippingCostsIncluded: Boolean! lines: [OrderGrantedRefundLine!] status: OrderGrantedRefundStatusEnum!
  transactionEvents: [TransactionEvent!] transaction: TransactionItem }
type OrderEvent implements Node { id: ID! date: DateTime type: OrderEventsEnum message: String amount: Float
  related: OrderEvent }
type GiftCard implements Node { id: ID! displayCode: String! currentBalance: Money! }
type Order implements Node { id: ID! number: String! externalReference: String origin: OrderOriginEnum!
  created: DateTime! updatedAt: DateTime! status: OrderStatus! statusDisplay: String! isPaid: Boolean!
  paymentStatus: PaymentChargeStatusEnum! chargeStatus: OrderChargeStatusEnum!
  authorizeStatus: OrderAuthorizeStatusEnum! user: User userEmail: String customerNote: String!
  languageCodeEnum: LanguageCodeEnum! channel: Channel! displayGrossPrices: Boolean! token: String!
  metadata: [MetadataItem!]! metafield(key: String!): String privateMetadata: [MetadataItem!]!
  privateMetafield(key: String!): String giftCards: [GiftCard!]!
  shippingAddress: Address billingAddress: Address shippingMethodName: String collectionPointName: String
  isShippingRequired: Boolean! total: TaxedMoney! undiscountedTotal: TaxedMoney! subtotal: TaxedMoney!
  shippingPrice: TaxedMoney! undiscountedShippingPrice: Money! shippingTaxRate: Float! totalAuthorized: Money!
  totalCharged: Money! totalCaptured: Money! totalCanceled: Money! totalRefunded: Money! totalRefundPending: Money!
  totalGrantedRefund: Money! totalRemainingGrant: Money! totalBalance: Money! discounts: [OrderDiscount!]!
  voucherCode: String lines: [OrderLine!]! fulfillments: [Fulfillment!]! transactions: [TransactionItem!]!
  grantedRefunds: [OrderGrantedRefund!]! events: [OrderEvent!]! }
type OrderCountableEdge { node: Order! cursor: String! }
type OrderCountableConnection { pageInfo: PageInfo! edges: [OrderCountableEdge!]! totalCount: Int }
"""
