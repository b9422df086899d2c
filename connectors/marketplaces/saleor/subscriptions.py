"""The webhook of a Saleor shop that leads to us: one for all events; what is missing is made, what is off is woken."""

from __future__ import annotations

from connectors.contract.graphql import Json
from connectors.contract.notices import Subscribed
from connectors.marketplaces.saleor.client import Api
from connectors.marketplaces.saleor.reading import inner, required, rows, text

#: Saleor tells of every change of an order as ORDER_UPDATED, save these.
EVENTS = ("ORDER_CREATED", "ORDER_UPDATED", "ORDER_CANCELLED", "ORDER_REFUNDED")
NAME = "Order hub"
_ORDER = "{ order { id updatedAt grantedRefunds { id } } }"
#: What is sent to us; its time proves its age.
QUERY = f"""subscription {{ event {{ issuedAt ... on OrderCreated {_ORDER} ... on OrderUpdated {_ORDER}
  ... on OrderCancelled {_ORDER} ... on OrderRefunded {_ORDER} }} }}"""
HELD = "query Hooks { app { id webhooks { id targetUrl isActive asyncEvents { eventType } subscriptionQuery } } }"
MAKE = """mutation MakeHook($input: WebhookCreateInput!) {
  webhookCreate(input: $input) { webhook { id isActive } errors { field message } }
}"""
MEND = """mutation MendHook($id: ID!, $input: WebhookUpdateInput!) {
  webhookUpdate(id: $id, input: $input) { webhook { id isActive } errors { field message } }
}"""


def ensure(api: Api, address: str, secret: str) -> Subscribed:
    """With a secret Saleor signs with it, else with the shop's own key."""
    hook = next((hook for hook in rows(api.read(HELD, "app"), "webhooks") if text(hook, "targetUrl") == address), None)
    if hook is not None and _is_whole(hook):
        return Subscribed(EVENTS)
    wanted = {"name": NAME, "targetUrl": address, "asyncEvents": list(EVENTS), "query": QUERY, "isActive": True}
    if secret:
        wanted["secretKey"] = secret
    if hook is None:
        done = api.write(MAKE, "webhookCreate", input=wanted)
    else:
        done = api.write(MEND, "webhookUpdate", id=required(hook, "id"), input=wanted)
    if inner(done, "webhook").get("isActive") is True:
        return Subscribed((), EVENTS)
    return Subscribed(refused=dict.fromkeys(EVENTS, "the shop keeps the webhook switched off"))


def _is_whole(hook: Json) -> bool:
    told = {text(event, "eventType") for event in rows(hook, "asyncEvents")}
    asked = text(hook, "subscriptionQuery").split()
    return hook.get("isActive") is True and told.issuperset(EVENTS) and asked == QUERY.split()
