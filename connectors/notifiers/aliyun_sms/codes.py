"""What the answer codes of Alibaba Cloud SMS mean for the hub, in words that tell no phone."""

from __future__ import annotations

from typing import Final

OK: Final = "OK"
#: The key pair is refused, or may not send.
AUTH: Final = {
    "InvalidAccessKeyId.NotFound": "there is no such access key",
    "InvalidAccessKeyId.Inactive": "the access key is switched off",
    "SignatureDoesNotMatch": "the access key's secret is wrong",
    "IncompleteSignature": "the access key's secret is wrong",
    "isp.RAM_PERMISSION_DENY": "the access key may not send SMS",
    "isv.ACCOUNT_NOT_EXISTS": "there is no such account",
    "isv.ACCOUNT_ABNORMAL": "the account is suspended",
    "isv.OUT_OF_SERVICE": "the account is out of service: look at its balance",
    "isv.AMOUNT_NOT_ENOUGH": "the account has no money left",
    "isv.PRODUCT_UN_SUBSCRIPT": "SMS is not switched on for the account",
    "isv.PRODUCT_UNSUBSCRIBE": "SMS is not switched on for the account",
}
#: Too many to one phone, or too many calls; the number is how long to wait, in seconds.
LIMITED: Final = {
    "isv.BUSINESS_LIMIT_CONTROL": 3600.0,
    "isv.DAY_LIMIT_CONTROL": 7200.0,
    "isv.MONTH_LIMIT_CONTROL": 86_000.0,
    "Throttling": 1.0,
    "Throttling.User": 1.0,
    "Throttling.Api": 1.0,
}
#: Alibaba Cloud fails, or our clock or nonce was not taken; the next try has another one.
LATER: Final = frozenset((
    "isp.SYSTEM_ERROR", "ServiceUnavailable", "InternalError", "SignatureNonceUsed", "InvalidTimeStamp.Expired",
))  # fmt: skip
REFUSED: Final = {
    "isv.MOBILE_NUMBER_ILLEGAL": "the phone cannot be sent to",
    "isv.MOBILE_COUNT_OVER_LIMIT": "too many phones at once",
    "isv.TEMPLATE_MISSING_PARAMETERS": "the template wants a value that is not given",
    "isv.SMS_TEMPLATE_ILLEGAL": "there is no such template, or it is not approved",
    "isv.SMS_SIGNATURE_ILLEGAL": "there is no such signature, or it is not approved",
    "isv.INVALID_PARAMETERS": "a parameter is wrong",
    "isv.INVALID_JSON_PARAM": "a parameter is wrong",
    "isv.PARAM_LENGTH_LIMIT": "a value is too long for the template",
    "isv.PARAM_NOT_SUPPORT_URL": "a value has an address in it",
    "isv.BLACK_KEY_CONTROL_LIMIT": "a value has a forbidden word in it",
}
#: SendStatus of a message's details.
STATES: Final = {1: "sending", 2: "failed", 3: "delivered"}
