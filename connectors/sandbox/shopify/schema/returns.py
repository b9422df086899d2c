"""Types of returns and of the goods that come back."""

TEXT = """
enum ReturnStatus { REQUESTED OPEN CLOSED DECLINED CANCELED }
enum ReturnDeclineReason { RETURN_PERIOD_ENDED FINAL_SALE OTHER }
enum ReturnReason {
  UNKNOWN SIZE_TOO_SMALL SIZE_TOO_LARGE UNWANTED NOT_AS_DESCRIBED WRONG_ITEM DEFECTIVE STYLE COLOR OTHER }
enum ReturnErrorCode { INTERNAL_ERROR TOO_BIG INVALID INVALID_STATE NOT_FOUND NOT_EDITABLE BLANK WRONG_LENGTH
  ALREADY_EXISTS FEATURE_NOT_ENABLED CREATION_FAILED NOTIFICATION_FAILED }
enum ReverseFulfillmentOrderStatus { OPEN CANCELED CLOSED }
enum ReverseFulfillmentOrderDispositionType { RESTOCKED NOT_RESTOCKED PROCESSING_REQUIRED MISSING UNKNOWN }

type Return implements Node {
  id: ID! name: String! status: ReturnStatus! createdAt: DateTime! requestApprovedAt: DateTime closedAt: DateTime
  totalQuantity: Int! order: Order! decline: ReturnDecline returnShippingFees: [ReturnShippingFee!]!
  returnLineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean): ReturnLineItemTypeConnection!
  exchangeLineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean):
    ExchangeLineItemConnection!
  refunds(first: Int, after: String, last: Int, before: String, reverse: Boolean): RefundConnection!
  reverseFulfillmentOrders(first: Int, after: String, last: Int, before: String, reverse: Boolean):
    ReverseFulfillmentOrderConnection!
}
type ReturnDecline { reason: ReturnDeclineReason! note: String }
type ReturnShippingFee { id: ID! amountSet: MoneyBag! }
type RestockingFee { id: ID! percentage: Float! amountSet: MoneyBag! }
type ReturnReasonDefinition { id: ID! handle: String! name: String! deleted: Boolean! }
interface ReturnLineItemType {
  id: ID! quantity: Int! processableQuantity: Int! processedQuantity: Int! unprocessedQuantity: Int!
  refundableQuantity: Int! refundedQuantity: Int! returnReason: ReturnReason! returnReasonNote: String!
  customerNote: String
  returnReasonDefinition: ReturnReasonDefinition
}
type ReturnLineItem implements ReturnLineItemType {
  fulfillmentLineItem: FulfillmentLineItem! withCodeDiscountedTotalPriceSet: MoneyBag! restockingFee: RestockingFee
  totalWeight: Float
}
type UnverifiedReturnLineItem implements ReturnLineItemType { unitPrice: MoneyV2! }
type ExchangeLineItem { id: ID! quantity: Int! lineItem: LineItem lineItems: [LineItem!] variantId: ID }
type ReverseFulfillmentOrder {
  id: ID! status: ReverseFulfillmentOrderStatus! order: Order
  lineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean):
    ReverseFulfillmentOrderLineItemConnection!
  reverseDeliveries(first: Int, after: String, last: Int, before: String, reverse: Boolean): ReverseDeliveryConnection!
}
type ReverseFulfillmentOrderLineItem {
  id: ID! totalQuantity: Int! remainingQuantity: Int! dispositions: [ReverseFulfillmentOrderDisposition!]!
  fulfillmentLineItem: FulfillmentLineItem
}
type ReverseFulfillmentOrderDisposition {
  id: ID! quantity: Int! type: ReverseFulfillmentOrderDispositionType! location: Location
}
type ReverseDelivery { id: ID! deliverable: ReverseDeliveryShippingDeliverable }
type ReverseDeliveryShippingDeliverable { tracking: ReverseDeliveryTrackingV2 }
type ReverseDeliveryTrackingV2 { carrierName: String number: String url: URL }
"""
