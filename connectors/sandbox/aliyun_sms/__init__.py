"""A simulated Alibaba Cloud SMS: SendSms and QuerySendDetails with signature, templates, limits and receipts."""

import hashlib
from typing import Any

SIGN_NAME, TEMPLATES = "演示店铺", ("SMS_100", "SMS_200", "SMS_300")


def default_secret(seed: int) -> str:
    """The secret that a twin of this seed accepts unless it is told another."""
    return hashlib.sha256(f"aliyun-sms-twin:{seed}".encode()).hexdigest()[:30]


def describe(url: str, seed: int) -> dict[str, Any]:
    """Where a twin started without a config file of its own is reached, and with which credentials."""
    return {
        "url": url,
        "access_key_id": "twin-key",
        "access_key_secret": default_secret(seed),
        "sign_name": SIGN_NAME,
        "templates": list(TEMPLATES),
    }
