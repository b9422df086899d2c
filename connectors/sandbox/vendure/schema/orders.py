"""Orders with lines, payments, refunds and fulfillments, as far as the Admin schema is spoken here."""

TEXT = """
interface ErrorResult { errorCode: ErrorCode! message: String! }
type OrderAddress { fullName: String company: String streetLine1: String streetLine2: String city: String
  province: String postalCode: String country: String countryCode: String phoneNumber: String customFields: JSON }
type Customer { id: ID! createdAt: DateTime! updatedAt: DateTime! title: String firstName: String! lastName: String!
  emailAddress: String! phoneNumber: String customFields: JSON }
type Seller { id: ID! name: String! }
type Channel { id: ID! code: String! token: String! defaultCurrencyCode: CurrencyCode! currencyCode: CurrencyCode!
  defaultLanguageCode: String! pricesIncludeTax: Boolean! seller: Seller }
type OrderTaxSummary { description: String! taxRate: Float! taxBase: Money! taxTotal: Money! }
type TaxLine { description: String! taxRate: Float! }
type Discount { adjustmentSource: String! type: AdjustmentType! description: String! amount: Money!
  amountWithTax: Money! }
type Promotion { id: ID! name: String! couponCode: String }
type Surcharge { id: ID! createdAt: DateTime! updatedAt: DateTime! description: String! sku: String
  taxLines: [TaxLine!]! price: Money! priceWithTax: Money! taxRate: Float! }
type ShippingMethod { id: ID! code: String! name: String! description: String! fulfillmentHandlerCode: String! }
type ShippingLine { id: ID! shippingMethod: ShippingMethod! price: Money! priceWithTax: Money! discountedPrice: Money!
  discountedPriceWithTax: Money! discounts: [Discount!]! }
type FulfillmentLine { orderLineId: ID! quantity: Int! fulfillmentId: ID! orderLine: OrderLine!
  fulfillment: Fulfillment! }
type OrderLine { id: ID! createdAt: DateTime! updatedAt: DateTime! quantity: Int! orderPlacedQuantity: Int!
  productVariant: ProductVariant! unitPrice: Money! unitPriceWithTax: Money! discountedUnitPrice: Money!
  discountedUnitPriceWithTax: Money! proratedUnitPrice: Money! proratedUnitPriceWithTax: Money! linePrice: Money!
  linePriceWithTax: Money! discountedLinePrice: Money! discountedLinePriceWithTax: Money! proratedLinePrice: Money!
  proratedLinePriceWithTax: Money! lineTax: Money! taxRate: Float! taxLines: [TaxLine!]! discounts: [Discount!]!
  fulfillmentLines: [FulfillmentLine!] order: Order! customFields: JSON }
type RefundLine { orderLineId: ID! quantity: Int! refundId: ID! orderLine: OrderLine! }
type Refund { id: ID! createdAt: DateTime! updatedAt: DateTime! items: Money! shipping: Money! adjustment: Money!
  total: Money! method: String state: String! transactionId: String reason: String lines: [RefundLine!]!
  paymentId: ID! metadata: JSON }
type Payment { id: ID! createdAt: DateTime! updatedAt: DateTime! transactionId: String amount: Money! method: String!
  state: String! nextStates: [String!]! errorMessage: String refunds: [Refund!]! metadata: JSON }
type Fulfillment { id: ID! createdAt: DateTime! updatedAt: DateTime! nextStates: [String!]! state: String!
  method: String! trackingCode: String! lines: [FulfillmentLine!]! customFields: JSON }
type OrderModification { id: ID! createdAt: DateTime! priceChange: Money! note: String! payment: Payment
  refund: Refund isSettled: Boolean! }
type HistoryEntry { id: ID! createdAt: DateTime! updatedAt: DateTime! isPublic: Boolean! type: HistoryEntryType!
  data: JSON! }
type HistoryEntryList { items: [HistoryEntry!]! totalItems: Int! }
type Order { id: ID! createdAt: DateTime! updatedAt: DateTime! code: String! type: OrderType! state: String!
  active: Boolean! orderPlacedAt: DateTime nextStates: [String!]! currencyCode: CurrencyCode! couponCodes: [String!]!
  totalQuantity: Int! channels: [Channel!]! customer: Customer shippingAddress: OrderAddress
  billingAddress: OrderAddress lines: [OrderLine!]! surcharges: [Surcharge!]! discounts: [Discount!]!
  promotions: [Promotion!]! payments: [Payment!] fulfillments: [Fulfillment!] modifications: [OrderModification!]!
  subTotal: Money! subTotalWithTax: Money! shipping: Money! shippingWithTax: Money! shippingLines: [ShippingLine!]!
  total: Money! totalWithTax: Money! taxSummary: [OrderTaxSummary!]! aggregateOrder: Order sellerOrders: [Order!]
  history(options: HistoryEntryListOptions): HistoryEntryList! customFields: JSON }
type OrderList { items: [Order!]! totalItems: Int! }
enum OrderType { Regular Seller Aggregate }
enum AdjustmentType { PROMOTION DISTRIBUTED_ORDER_PROMOTION OTHER }
enum HistoryEntryType { ORDER_STATE_TRANSITION ORDER_PAYMENT_TRANSITION ORDER_REFUND_TRANSITION ORDER_FULFILLMENT
  ORDER_FULFILLMENT_TRANSITION ORDER_CANCELLATION ORDER_NOTE ORDER_MODIFIED ORDER_CUSTOMER_UPDATED }
enum CurrencyCode { CNY EUR USD GBP JPY HKD SEK AUD CAD }
"""
