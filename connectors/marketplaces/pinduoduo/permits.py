"""Which messages a shop on Pinduoduo lets the application have: asked for, and made when some are missing."""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.notices import Subscribed
from connectors.marketplaces.pinduoduo.client import Pop
from connectors.marketplaces.pinduoduo.reading import part

#: What capture lives on; the application itself subscribes to topics on the platform's own page.
TOPICS = (
    "pdd_trade_TradeConfirmed",
    "pdd_trade_TradeSellerShip",
    "pdd_trade_TradeSuccess",
    "pdd_trade_TradeRiskChanged",
    "pdd_trade_TradeLogisticsAddressChanged",
    "pdd_trade_TradeMemoModified",
    "pdd_refund_RefundCreated",
    "pdd_refund_RefundAgreeAgreement",
    "pdd_refund_RefundClosed",
)
NOT_OURS = "subscribe the application to this message on the open platform's page"


def ensure(pop: Pop) -> Subscribed:
    """Permit every message the application is subscribed to, when one of ours is missing; naming one it lacks fails."""
    held = _held(pop)
    missing = [topic for topic in TOPICS if topic not in held]
    kept = tuple(topic for topic in TOPICS if topic in held)
    if not missing:
        return Subscribed(kept)
    answer = pop.write("pdd.pmc.user.permit", "pmc_user_permit_response")
    if answer.get("is_success") is not True:
        raise Refused("the platform did not permit this shop's messages; authorise the shop again")
    now = _held(pop)
    made = tuple(topic for topic in missing if topic in now)
    return Subscribed(kept, made, {topic: NOT_OURS for topic in missing if topic not in now})


def _held(pop: Pop) -> frozenset[str]:
    """Topics this shop has now; none once its permit has run out."""
    owner = pop.setting("owner_id")
    given = {"owner_id": owner} if owner else {}
    user = part(pop.read("pdd.pmc.user.get", "pmc_user_get_response", **given), "pmc_user")
    topics = user.get("topics")
    if user.get("is_expired") not in (0, None) or not isinstance(topics, list):
        return frozenset()
    return frozenset(topic for topic in topics if isinstance(topic, str))
