"""Input types and the errors that mutations answer."""

TEXT = """
input MoneyInput { amount: Decimal! currencyCode: CurrencyCode! }
input AttributeInput { key: String! value: String! }
input FulfillmentOrderLineItemInput { id: ID! quantity: Int! }
input FulfillmentOrderLineItemsInput {
  fulfillmentOrderId: ID! fulfillmentOrderLineItems: [FulfillmentOrderLineItemInput!] }
input FulfillmentTrackingInput { company: String number: String numbers: [String!] url: URL urls: [URL!] }
input FulfillmentOriginAddressInput { address1: String city: String countryCode: String! zip: String }
input FulfillmentInput {
  lineItemsByFulfillmentOrder: [FulfillmentOrderLineItemsInput!]! trackingInfo: FulfillmentTrackingInput
  notifyCustomer: Boolean originAddress: FulfillmentOriginAddressInput
}
input FulfillmentEventInput {
  fulfillmentId: ID! status: FulfillmentEventStatus! happenedAt: DateTime message: String city: String
  province: String country: String zip: String address1: String estimatedDeliveryAt: DateTime
}
input FulfillmentOrderHoldInput {
  reason: FulfillmentHoldReason! reasonNotes: String notifyMerchant: Boolean externalId: String handle: String
  fulfillmentOrderLineItems: [FulfillmentOrderLineItemInput!]
}
input StoreCreditRefundInput { expiresAt: DateTime }
input OrderCancelRefundMethodInput { originalPaymentMethodsRefund: Boolean storeCreditRefund: StoreCreditRefundInput }
input OrderInput { id: ID! note: String tags: [String!] email: String poNumber: String
  customAttributes: [AttributeInput!] }
input OrderCaptureInput { id: ID! parentTransactionId: ID! amount: Money! currency: CurrencyCode finalCapture: Boolean }
input OrderMarkAsPaidInput { id: ID! }
input RefundLineItemInput { lineItemId: ID! quantity: Int! restockType: RefundLineItemRestockType locationId: ID }
input ShippingRefundInput { amount: Money fullRefund: Boolean }
input OrderTransactionInput { amount: Money! gateway: String! kind: OrderTransactionKind! orderId: ID! parentId: ID }
input RefundInput {
  orderId: ID! currency: CurrencyCode note: String notify: Boolean refundLineItems: [RefundLineItemInput!]
  shipping: ShippingRefundInput transactions: [OrderTransactionInput!] allowOverRefunding: Boolean
  discrepancyReason: OrderAdjustmentDiscrepancyReason processedAt: DateTime
}
input ReturnApproveRequestInput { id: ID! notifyCustomer: Boolean unprocessed: Boolean }
input ReturnDeclineRequestInput {
  id: ID! declineReason: ReturnDeclineReason! declineNote: String notifyCustomer: Boolean
}
input ReturnLineItemInput {
  fulfillmentLineItemId: ID! quantity: Int! returnReason: ReturnReason returnReasonDefinitionId: ID
  returnReasonNote: String
}
input ReturnInput {
  orderId: ID! returnLineItems: [ReturnLineItemInput!]! notifyCustomer: Boolean requestedAt: DateTime
}
input ReturnProcessDispositionInput {
  reverseFulfillmentOrderLineItemId: ID! quantity: Int! locationId: ID
  dispositionType: ReverseFulfillmentOrderDispositionType!
}
input ReturnProcessReturnLineItemInput { id: ID! quantity: Int! dispositions: [ReturnProcessDispositionInput!] }
input ReturnProcessOrderTransactionInput { parentId: ID! transactionAmount: MoneyInput! }
input ReturnProcessRefundInput {
  orderTransactions: [ReturnProcessOrderTransactionInput!] allowOverRefunding: Boolean
  refundShipping: ShippingRefundInput discrepancyReason: OrderAdjustmentDiscrepancyReason
}
input ReturnProcessFinancialTransferInput { issueRefund: ReturnProcessRefundInput }
input ReturnProcessInput {
  returnId: ID! returnLineItems: [ReturnProcessReturnLineItemInput!]
  financialTransfer: ReturnProcessFinancialTransferInput notifyCustomer: Boolean note: String processedAt: DateTime
}
input ReverseFulfillmentOrderDisposeInput {
  reverseFulfillmentOrderLineItemId: ID! quantity: Int! locationId: ID
  dispositionType: ReverseFulfillmentOrderDispositionType!
}
input InventoryQuantityInput { inventoryItemId: ID! locationId: ID! quantity: Int! changeFromQuantity: Int }
input InventorySetQuantitiesInput {
  name: String! reason: String! referenceDocumentUri: String quantities: [InventoryQuantityInput!]!
}
input InventoryChangeInput { delta: Int! inventoryItemId: ID! locationId: ID! changeFromQuantity: Int
  ledgerDocumentUri: String }
input InventoryAdjustQuantitiesInput {
  name: String! reason: String! referenceDocumentUri: String changes: [InventoryChangeInput!]!
}
input WebhookSubscriptionInput {
  uri: String callbackUrl: URL format: WebhookSubscriptionFormat filter: String includeFields: [String!]
  metafieldNamespaces: [String!]
}
enum OrderCancelUserErrorCode { INVALID NOT_FOUND NO_REFUND_PERMISSION }
type OrderCancelUserError { code: OrderCancelUserErrorCode field: [String!] message: String! }
type ReturnUserError { code: ReturnErrorCode field: [String!] message: String! }
enum InventoryErrorCode { INVALID_INVENTORY_ITEM INVALID_LOCATION INVALID_NAME INVALID_REASON INVALID_QUANTITY_TOO_HIGH
  INVALID_QUANTITY_TOO_LOW CHANGE_FROM_QUANTITY_STALE IDEMPOTENCY_CONCURRENT_REQUEST
  NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR
  IDEMPOTENCY_KEY_PARAMETER_MISMATCH IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED ITEM_NOT_STOCKED_AT_LOCATION }
type InventorySetQuantitiesUserError { code: InventoryErrorCode field: [String!] message: String! }
enum HoldErrorCode { FULFILLMENT_ORDER_NOT_FOUND FULFILLMENT_ORDER_NOT_SPLITTABLE GREATER_THAN_ZERO
  INVALID_LINE_ITEM_QUANTITY
  TAKEN DUPLICATE_FULFILLMENT_HOLD_HANDLE FULFILLMENT_ORDER_HOLD_LIMIT_REACHED INVALID }
type FulfillmentOrderHoldUserError { code: HoldErrorCode field: [String!] message: String! }
"""
