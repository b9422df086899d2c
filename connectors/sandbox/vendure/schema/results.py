"""The unions in which mutations answer, and the refusals among their members."""

#: A refusal's type → the fields it has beside code and message.
REFUSALS: dict[str, str] = {
    "InvalidCredentialsError": "authenticationError: String!",
    "NativeAuthStrategyError": "",
    "OrderStateTransitionError": "transitionError: String! fromState: String! toState: String!",
    "FulfillmentStateTransitionError": "transitionError: String! fromState: String! toState: String!",
    "PaymentStateTransitionError": "transitionError: String! fromState: String! toState: String!",
    "RefundStateTransitionError": "transitionError: String! fromState: String! toState: String!",
    "ItemsAlreadyFulfilledError": "",
    "EmptyOrderLineSelectionError": "",
    "InsufficientStockOnHandError": "productVariantId: ID! productVariantName: String! stockOnHand: Int!",
    "InvalidFulfillmentHandlerError": "",
    "CreateFulfillmentError": "fulfillmentHandlerError: String!",
    "QuantityTooGreatError": "",
    "MultipleOrderError": "",
    "CancelActiveOrderError": "orderState: String!",
    "CancelPaymentError": "paymentErrorMessage: String!",
    "NothingToRefundError": "",
    "PaymentOrderMismatchError": "",
    "RefundOrderStateError": "orderState: String!",
    "AlreadyRefundedError": "refundId: ID!",
    "RefundAmountError": "maximumRefundable: Int!",
    "SettlePaymentError": "paymentErrorMessage: String!",
}
UNIONS: dict[str, str] = {
    "NativeAuthenticationResult": "CurrentUser | InvalidCredentialsError | NativeAuthStrategyError",
    "AddFulfillmentToOrderResult": "Fulfillment | ItemsAlreadyFulfilledError | EmptyOrderLineSelectionError"
    " | InsufficientStockOnHandError | InvalidFulfillmentHandlerError | FulfillmentStateTransitionError"
    " | CreateFulfillmentError",
    "TransitionFulfillmentToStateResult": "Fulfillment | FulfillmentStateTransitionError",
    "CancelOrderResult": "Order | EmptyOrderLineSelectionError | QuantityTooGreatError | MultipleOrderError"
    " | CancelActiveOrderError | OrderStateTransitionError",
    "RefundOrderResult": "Refund | QuantityTooGreatError | NothingToRefundError | OrderStateTransitionError"
    " | MultipleOrderError | PaymentOrderMismatchError | RefundOrderStateError | AlreadyRefundedError"
    " | RefundStateTransitionError | RefundAmountError",
    "SettleRefundResult": "Refund | RefundStateTransitionError",
    "SettlePaymentResult": "Payment | SettlePaymentError | PaymentStateTransitionError | OrderStateTransitionError",
    "CancelPaymentResult": "Payment | CancelPaymentError | PaymentStateTransitionError",
    "TransitionOrderToStateResult": "Order | OrderStateTransitionError",
}
#: Codes that the schema names beside those of the refusals above.
OTHER_CODES = "UNKNOWN_ERROR SETTLE_REFUND_ERROR MANUAL_PAYMENT_STATE_ERROR NO_CHANGES_SPECIFIED_ERROR"


def code_of(name: str) -> str:
    """`ItemsAlreadyFulfilledError` → `ITEMS_ALREADY_FULFILLED_ERROR`."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).lstrip("_").upper()


def text() -> str:
    """The part of the schema that these tables make."""
    refusals = [
        f"type {name} implements ErrorResult {{ errorCode: ErrorCode! message: String! {more} }}"
        for name, more in REFUSALS.items()
    ]
    unions = [f"union {name} = {members}" for name, members in UNIONS.items()]
    codes = " ".join(code_of(name) for name in REFUSALS)
    return "\n".join([*refusals, *unions, f"enum ErrorCode {{ {codes} {OTHER_CODES} }}"])
