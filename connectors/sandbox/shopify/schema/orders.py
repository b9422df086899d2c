"""Types of orders: lines, discounts, taxes, transactions, refunds."""

TEXT = """
enum OrderDisplayFinancialStatus {
  AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED
}
enum OrderDisplayFulfillmentStatus {
  UNFULFILLED PARTIALLY_FULFILLED FULFILLED IN_PROGRESS ON_HOLD SCHEDULED REQUEST_DECLINED OPEN PENDING_FULFILLMENT
  RESTOCKED
}
enum OrderReturnStatus { NO_RETURN RETURN_REQUESTED IN_PROGRESS INSPECTION_COMPLETE RETURNED RETURN_FAILED }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum DiscountApplicationTargetType { LINE_ITEM SHIPPING_LINE }
enum DiscountApplicationTargetSelection { ALL ENTITLED EXPLICIT }
enum DiscountApplicationAllocationMethod { ACROSS EACH ONE }
enum OrderTransactionKind { SALE CAPTURE AUTHORIZATION REFUND VOID CHANGE EMV_AUTHORIZATION SUGGESTED_REFUND }
enum OrderTransactionStatus { SUCCESS PENDING FAILURE ERROR AWAITING_RESPONSE UNKNOWN }
enum RefundLineItemRestockType { RETURN CANCEL NO_RESTOCK LEGACY_RESTOCK }
enum OrderAdjustmentDiscrepancyReason { RESTOCK DAMAGE CUSTOMER REFUND_DISCREPANCY FULL_RETURN_BALANCING_ADJUSTMENT
  PENDING_REFUND_DISCREPANCY SHIPPING_REFUND }
enum OrderSortKeys { CREATED_AT UPDATED_AT PROCESSED_AT ID ORDER_NUMBER TOTAL_PRICE FINANCIAL_STATUS
  FULFILLMENT_STATUS CUSTOMER_NAME DESTINATION RELEVANCE PO_NUMBER TOTAL_ITEMS_QUANTITY CURRENT_TOTAL_PRICE }

type Order implements Node {
  id: ID! legacyResourceId: UnsignedInt64! name: String! number: Int! confirmationNumber: String sourceName: String
  sourceIdentifier: String createdAt: DateTime! processedAt: DateTime! updatedAt: DateTime! closedAt: DateTime
  closed: Boolean! cancelledAt: DateTime cancelReason: OrderCancelReason test: Boolean! confirmed: Boolean!
  edited: Boolean! tags: [String!]! note: String email: String phone: String poNumber: String customerLocale: String
  currencyCode: CurrencyCode! presentmentCurrencyCode: CurrencyCode! taxesIncluded: Boolean! taxExempt: Boolean!
  dutiesIncluded: Boolean! displayFinancialStatus: OrderDisplayFinancialStatus
  displayFulfillmentStatus: OrderDisplayFulfillmentStatus! returnStatus: OrderReturnStatus! fullyPaid: Boolean!
  unpaid: Boolean! capturable: Boolean! refundable: Boolean! fulfillable: Boolean! requiresShipping: Boolean!
  estimatedTaxes: Boolean! paymentGatewayNames: [String!]! statusPageUrl: URL! customAttributes: [Attribute!]!
  currentSubtotalLineItemsQuantity: Int! subtotalLineItemsQuantity: Int! discountCode: String discountCodes: [String!]!
  totalPriceSet: MoneyBag! originalTotalPriceSet: MoneyBag! subtotalPriceSet: MoneyBag totalDiscountsSet: MoneyBag
  totalTaxSet: MoneyBag totalShippingPriceSet: MoneyBag! currentTotalPriceSet: MoneyBag! totalRefundedSet: MoneyBag!
  currentSubtotalPriceSet: MoneyBag! currentTotalDiscountsSet: MoneyBag! currentTotalTaxSet: MoneyBag!
  currentShippingPriceSet: MoneyBag! currentTotalDutiesSet: MoneyBag originalTotalDutiesSet: MoneyBag
  currentTotalAdditionalFeesSet: MoneyBag originalTotalAdditionalFeesSet: MoneyBag
  totalRefundedShippingSet: MoneyBag! totalOutstandingSet: MoneyBag! totalTipReceivedSet: MoneyBag!
  totalReceivedSet: MoneyBag! netPaymentSet: MoneyBag! totalCapturableSet: MoneyBag! totalWeight: UnsignedInt64
  totalCashRoundingAdjustment: CashRoundingAdjustment! customer: Customer
  shippingAddress: MailingAddress billingAddress: MailingAddress displayAddress: MailingAddress
  taxLines: [TaxLine!]! shippingLine: ShippingLine fulfillmentsCount: Count transactionsCount: Count
  discountApplications(first: Int, after: String, last: Int, before: String, reverse: Boolean):
    DiscountApplicationConnection!
  lineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean): LineItemConnection!
  nonFulfillableLineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean): LineItemConnection!
  shippingLines(first: Int, after: String, last: Int, before: String, reverse: Boolean, includeRemovals: Boolean):
    ShippingLineConnection!
  transactions(first: Int, capturable: Boolean, manuallyResolvable: Boolean): [OrderTransaction!]!
  fulfillmentOrders(first: Int, after: String, last: Int, before: String, reverse: Boolean, query: String,
    displayable: Boolean): FulfillmentOrderConnection!
  fulfillments(first: Int, query: String): [Fulfillment!]!
  refunds(first: Int): [Refund!]!
  returns(first: Int, after: String, last: Int, before: String, reverse: Boolean, query: String): ReturnConnection!
  suggestedRefund(refundLineItems: [RefundLineItemInput!], refundShipping: Boolean, shippingAmount: Money,
    suggestFullRefund: Boolean): SuggestedRefund
}
type CashRoundingAdjustment { paymentSet: MoneyBag! refundSet: MoneyBag! }
type LineItem implements Node {
  id: ID! sku: String name: String! title: String! variantTitle: String vendor: String quantity: Int!
  currentQuantity: Int! refundableQuantity: Int! unfulfilledQuantity: Int! nonFulfillableQuantity: Int!
  requiresShipping: Boolean! taxable: Boolean! isGiftCard: Boolean! merchantEditable: Boolean! restockable: Boolean!
  variant: ProductVariant product: Product originalUnitPriceSet: MoneyBag! originalTotalSet: MoneyBag!
  discountedTotalSet(withCodeDiscounts: Boolean): MoneyBag! discountedUnitPriceSet: MoneyBag!
  discountedUnitPriceAfterAllDiscountsSet: MoneyBag! totalDiscountSet: MoneyBag! unfulfilledDiscountedTotalSet: MoneyBag!
  unfulfilledOriginalTotalSet: MoneyBag! discountAllocations: [DiscountAllocation!]!
  taxLines(first: Int): [TaxLine!]! duties: [Duty!]! customAttributes: [Attribute!]! lineItemGroup: LineItemGroup
}
type LineItemGroup { id: ID! title: String! quantity: Int! variantId: ID variantSku: String }
type Duty { id: ID! price: MoneyBag! harmonizedSystemCode: String countryCodeOfOrigin: CountryCode taxLines: [TaxLine!]! }
type TaxLine {
  title: String! rate: Float ratePercentage: Float priceSet: MoneyBag! channelLiable: Boolean source: String
}
type DiscountAllocation { allocatedAmountSet: MoneyBag! discountApplication: DiscountApplication! }
type PricingPercentageValue { percentage: Float! }
union PricingValue = MoneyV2 | PricingPercentageValue
interface DiscountApplication {
  index: Int! targetType: DiscountApplicationTargetType! targetSelection: DiscountApplicationTargetSelection!
  allocationMethod: DiscountApplicationAllocationMethod! value: PricingValue!
}
type DiscountCodeApplication implements DiscountApplication { code: String! }
type AutomaticDiscountApplication implements DiscountApplication { title: String! }
type ManualDiscountApplication implements DiscountApplication { title: String! description: String }
type ScriptDiscountApplication implements DiscountApplication { title: String! }
type ShippingLine {
  id: ID title: String! code: String carrierIdentifier: String source: String custom: Boolean! isRemoved: Boolean!
  originalPriceSet: MoneyBag! discountedPriceSet: MoneyBag! currentDiscountedPriceSet: MoneyBag!
  discountAllocations: [DiscountAllocation!]! taxLines: [TaxLine!]! phone: String deliveryCategory: String
}
type OrderTransaction {
  id: ID! kind: OrderTransactionKind! status: OrderTransactionStatus! gateway: String formattedGateway: String
  test: Boolean! amountSet: MoneyBag! processedAt: DateTime createdAt: DateTime! parentTransaction: OrderTransaction
  errorCode: String paymentId: String totalUnsettledSet: MoneyBag manualPaymentGateway: Boolean! order: Order
}
type Refund implements Node {
  id: ID! legacyResourceId: UnsignedInt64! createdAt: DateTime processedAt: DateTime updatedAt: DateTime! note: String
  totalRefundedSet: MoneyBag! return: Return order: Order! duties: [Duty!]
  refundLineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean): RefundLineItemConnection!
  refundShippingLines(first: Int, after: String, last: Int, before: String, reverse: Boolean):
    RefundShippingLineConnection!
  orderAdjustments(first: Int, after: String, last: Int, before: String, reverse: Boolean): OrderAdjustmentConnection!
  transactions(first: Int, after: String, last: Int, before: String, reverse: Boolean): OrderTransactionConnection!
}
type RefundLineItem {
  id: ID quantity: Int! restockType: RefundLineItemRestockType! restocked: Boolean! location: Location
  lineItem: LineItem! priceSet: MoneyBag! subtotalSet: MoneyBag! totalTaxSet: MoneyBag!
}
type RefundShippingLine { id: ID shippingLine: ShippingLine! subtotalAmountSet: MoneyBag! taxAmountSet: MoneyBag! }
type OrderAdjustment {
  id: ID! reason: OrderAdjustmentDiscrepancyReason amountSet: MoneyBag! taxAmountSet: MoneyBag!
}
type SuggestedOrderTransaction {
  amountSet: MoneyBag! gateway: String kind: String! parentTransaction: OrderTransaction
}
type SuggestedRefund {
  amountSet: MoneyBag! maximumRefundableSet: MoneyBag! subtotalSet: MoneyBag! totalTaxSet: MoneyBag!
  suggestedTransactions: [SuggestedOrderTransaction!]!
}
"""
