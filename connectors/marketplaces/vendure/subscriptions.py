"""The webhooks of a channel that lead to us, where its store has the webhook plugin; others of the channel stay."""

from __future__ import annotations

from connectors.contract.errors import Refused
from connectors.contract.graphql import Json
from connectors.contract.notices import Subscribed
from connectors.marketplaces.vendure.client import Admin
from connectors.marketplaces.vendure.reading import inner, text

EVENTS = (
    "OrderPlacedEvent",
    "OrderStateTransitionEvent",
    "FulfillmentStateTransitionEvent",
    "RefundEvent",
    "RefundStateTransitionEvent",
)
HELD = "query Hooks { webhooks { id event url requestTransformer { name } } }"
OFFERED = "query Transformers { availableWebhookRequestTransformers { name supportedEvents } }"
SET = """mutation SetHooks($webhooks: [WebhookInput!]!) {
  setWebhooks(webhooks: $webhooks) { id event url requestTransformer { name } }
}"""
_NO_SUCH_FIELD = "GRAPHQL_VALIDATION_FAILED"


def ensure(admin: Admin, address: str, transformer: str) -> Subscribed:
    """Set ours beside the others, which the plugin wants all at once; nothing is asked where there is no plugin."""
    try:
        held = [_input(hook) for hook in admin.listed(HELD, "webhooks")]
    except Refused as error:
        if error.code == _NO_SUCH_FIELD:
            return Subscribed()
        raise
    name = transformer or _only_transformer(admin.listed(OFFERED, "availableWebhookRequestTransformers"))
    ours = [{"event": event, "url": address, "transformerName": name} for event in EVENTS]
    kept = tuple(hook["event"] for hook in ours if hook in held)
    missing = tuple(event for event in EVENTS if event not in kept)
    if missing:
        others = [hook for hook in held if hook["url"] != address]
        admin.write(SET, "setWebhooks", webhooks=[*others, *ours])
    return Subscribed(kept, missing)


def _input(hook: Json) -> dict[str, str]:
    """A webhook as it is set."""
    told = {"event": text(hook, "event"), "url": text(hook, "url")}
    name = text(inner(hook, "requestTransformer"), "name")
    return {**told, "transformerName": name} if name else told


def _only_transformer(offered: list[Json]) -> str:
    """The one transformer that can tell all of our events; Refused when there is none or a choice."""
    able = [text(row, "name") for row in offered if set(EVENTS) <= set(row.get("supportedEvents") or ())]
    if len(able) != 1:
        raise Refused("write the name of the transformer that signs for us into the account")
    return able[0]
