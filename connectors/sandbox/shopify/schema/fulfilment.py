"""Types of fulfilment orders and fulfilments."""

TEXT = """
enum FulfillmentOrderStatus { OPEN IN_PROGRESS SCHEDULED ON_HOLD INCOMPLETE CLOSED CANCELLED }
enum FulfillmentOrderRequestStatus {
  UNSUBMITTED SUBMITTED ACCEPTED REJECTED CANCELLATION_REQUESTED CANCELLATION_ACCEPTED CANCELLATION_REJECTED CLOSED
}
enum FulfillmentOrderAction {
  CREATE_FULFILLMENT REQUEST_FULFILLMENT CANCEL_FULFILLMENT_ORDER MOVE REQUEST_CANCELLATION MARK_AS_OPEN RELEASE_HOLD
  HOLD EXTERNAL SPLIT MERGE REPORT_PROGRESS
}
enum FulfillmentHoldReason {
  AWAITING_PAYMENT HIGH_RISK_OF_FRAUD INCORRECT_ADDRESS INVENTORY_OUT_OF_STOCK UNKNOWN_DELIVERY_DATE
  ONLINE_STORE_POST_PURCHASE_CROSS_SELL AWAITING_RETURN_ITEMS OTHER
}
enum FulfillmentOrderSortKeys { CREATED_AT UPDATED_AT ID FULFILL_AT RELEVANCE }
enum FulfillmentStatus { SUCCESS CANCELLED ERROR FAILURE OPEN PENDING }
enum FulfillmentDisplayStatus {
  ATTEMPTED_DELIVERY CANCELED CARRIER_PICKED_UP CONFIRMED DELAYED DELIVERED FAILURE FULFILLED IN_TRANSIT LABEL_PRINTED
  LABEL_PURCHASED LABEL_VOIDED MARKED_AS_FULFILLED NOT_DELIVERED OUT_FOR_DELIVERY PICKED_UP READY_FOR_PICKUP SUBMITTED
}
enum FulfillmentEventStatus {
  LABEL_PURCHASED LABEL_PRINTED READY_FOR_PICKUP CONFIRMED IN_TRANSIT OUT_FOR_DELIVERY ATTEMPTED_DELIVERY DELAYED
  DELIVERED FAILURE CARRIER_PICKED_UP PICKED_UP
}
enum DeliveryMethodType { SHIPPING PICK_UP NONE RETAIL LOCAL PICKUP_POINT }

type FulfillmentOrder implements Node {
  id: ID! status: FulfillmentOrderStatus! requestStatus: FulfillmentOrderRequestStatus! createdAt: DateTime!
  updatedAt: DateTime! fulfillAt: DateTime fulfillBy: DateTime orderId: ID! orderName: String! order: Order!
  orderProcessedAt: DateTime! channelId: ID assignedLocation: FulfillmentOrderAssignedLocation!
  destination: FulfillmentOrderDestination deliveryMethod: DeliveryMethod fulfillmentHolds: [FulfillmentHold!]!
  supportedActions: [FulfillmentOrderSupportedAction!]!
  lineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean): FulfillmentOrderLineItemConnection!
  fulfillments(first: Int, after: String, last: Int, before: String, reverse: Boolean): FulfillmentConnection!
}
type FulfillmentOrderAssignedLocation {
  name: String! location: Location address1: String city: String province: String zip: String countryCode: CountryCode
  phone: String
}
type FulfillmentOrderDestination {
  id: ID! firstName: String lastName: String company: String address1: String address2: String city: String
  province: String zip: String countryCode: CountryCode email: String phone: String
}
type DeliveryMethod { id: ID! methodType: DeliveryMethodType! presentedName: String serviceCode: String }
type FulfillmentHold {
  id: ID! reason: FulfillmentHoldReason! reasonNotes: String displayReason: String! handle: String
  heldByRequestingApp: Boolean!
}
type FulfillmentOrderSupportedAction { action: FulfillmentOrderAction! externalUrl: URL }
type FulfillmentOrderLineItem {
  id: ID! totalQuantity: Int! remainingQuantity: Int! lineItem: LineItem! sku: String productTitle: String!
  variantTitle: String requiresShipping: Boolean! inventoryItemId: ID
}
type Fulfillment implements Node {
  id: ID! legacyResourceId: UnsignedInt64! name: String! status: FulfillmentStatus!
  displayStatus: FulfillmentDisplayStatus createdAt: DateTime! updatedAt: DateTime! deliveredAt: DateTime
  inTransitAt: DateTime estimatedDeliveryAt: DateTime totalQuantity: Int! requiresShipping: Boolean! location: Location
  order: Order! trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
  fulfillmentLineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean):
    FulfillmentLineItemConnection!
  fulfillmentOrders(first: Int, after: String, last: Int, before: String, reverse: Boolean): FulfillmentOrderConnection!
  events(first: Int, after: String, last: Int, before: String, reverse: Boolean): FulfillmentEventConnection!
}
type FulfillmentTrackingInfo { company: String number: String url: URL }
type FulfillmentLineItem {
  id: ID! quantity: Int lineItem: LineItem! originalTotalSet: MoneyBag! discountedTotalSet: MoneyBag!
}
type FulfillmentEvent { id: ID! status: FulfillmentEventStatus! happenedAt: DateTime! message: String }
"""
