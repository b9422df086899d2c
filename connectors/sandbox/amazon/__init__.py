"""The Amazon twin: a simulated seller account that speaks the Selling Partner API's real wire protocol."""

import hashlib
from typing import Any

MARKETPLACE_ID = "AAHKV2X7AFYLW"


def credentials(seed: int) -> dict[str, str]:
    """Application and authorisation of a seed; invented, valid for the twin alone.

    `spapi_oauth_code` buys a refresh token once; the tokens named here are valid without it.
    `push_secret` is what a forwarder of notifications signs with.
    """
    digests = [hashlib.sha256(f"amazon-twin:{seed}:{name}".encode()).hexdigest() for name in "abcdefg"]
    return {
        "client_id": f"amzn1.application-oa2-client.{digests[0][:32]}",
        "client_secret": f"amzn1.oa2-cs.v1.{digests[1]}",
        "refresh_token": f"Atzr|{digests[2]}",
        "access_token": f"Atza|{digests[5]}",
        "push_secret": digests[6][:40],
        "spapi_oauth_code": digests[3][:20],
        "application_id": f"amzn1.sp.solution.{digests[4][:32]}",
        "seller_id": f"A{digests[0][32:45].upper()}",
        "marketplace_id": MARKETPLACE_ID,
    }


def describe(url: str, seed: int) -> dict[str, Any]:
    """Addresses, credentials and shop of the twin, as the sandbox writes them for the hub."""
    return {
        "url": url, "gateway": url, "token_url": f"{url}/auth/o2/token", "authorise": f"{url}/apps/authorize/consent",
        **credentials(seed), "currency": "CNY", "marketplace_name": "Amazon.cn",
    }  # fmt: skip
