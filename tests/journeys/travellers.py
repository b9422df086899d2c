"""The one table of the marketplaces that take the journey: a connector and a twin each, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Traveller:
    """A marketplace on its way; what is not said is as the shared marketplace twin and the contract have it.

    `ship_call` is the platform's name of the call that ships. `clock_ahead` shows the connector a time at which the
    platform's lists already reach what happens now. `facts` are what decisions about cases want beside the case's own.
    `verbs` and `line_word` translate for a twin with words of its own; `ends_a_return` is the verb that ends what only
    the platform's own console could end.

    `ships_whole`: the first parcel ships the order, further ones stand beside it. `ships_units`: units of one line may
    leave in several parcels; elsewhere the line leaves with the first. `pays_by_itself`: money asked for
    before shipment goes back without us. `pays_by_agreeing`: the money of goods that are back wants a second yes.
    `exchanges`: buyers can ask for other goods. `closes_late`: no
    order is closed in its first ten seconds. `rests`: how long it leaves between two searches. `case_pulls`: pulls of
    cases until one tells something, as reports are asked for first. `asks_on_order`: a request before shipment stands
    on the order and is no case. `pays_by_file`: money goes back by a file that names no key of ours. `ships_held`:
    the platform takes a parcel of a held order. `holds_as_unpaid`: it shows an order that it holds as one that is not
    paid yet. `agrees_by_itself`: what buyers ask to send back is agreed to at
    once. `takes_then_pays`: goods that are back are taken first, and their money is a call of its own. `hides` names
    what the platform's documents do not show.
    """

    vendor: str
    twin: str
    ship_call: str
    twin_settings: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, str] = field(default_factory=dict)
    clock_ahead: timedelta = timedelta(seconds=20)
    facts: Mapping[str, str] = field(default_factory=dict)
    verbs: Mapping[str, str] = field(default_factory=dict)
    line_word: str = "line"
    ships_whole: bool = False
    ships_units: bool = False
    exchanges: bool = True
    closes_late: bool = False
    ships_held: bool = False
    holds_as_unpaid: bool = False
    pays_by_itself: bool = False
    pays_by_agreeing: bool = False
    ends_a_return: str = ""
    rests: timedelta = timedelta()
    case_pulls: int = 1
    asks_on_order: bool = False
    pays_by_file: bool = False
    agrees_by_itself: bool = False
    takes_then_pays: bool = False
    hides: frozenset[str] = frozenset()


#: Who is in here takes the whole journey; a new marketplace is one row.
TRAVELLERS: Final = (
    Traveller(
        "taobao",
        "connectors.sandbox.taobao.twin:TaobaoTwin",
        "taobao.logistics.offline.send",
        facts={"address_no": "1", "reason_no": "1"},
        pays_by_agreeing=True,
        verbs={"cancel": "close"},
        line_word="oid",
        exchanges=False,
        closes_late=True,
    ),
    Traveller(
        "jd",
        "connectors.sandbox.jd.twin:JdTwin",
        "jingdong.pop.order.shipment",
        # Its tokens are renewed in their last day only.
        twin_settings={"expires_in": 36_000},
        ships_whole=True,
        ends_a_return="confirm",
        hides=frozenset({"flag"}),
    ),
    Traveller(
        "pinduoduo",
        "connectors.sandbox.pinduoduo.twin:PinduoduoTwin",
        "pdd.logistics.online.send",
        # Its list by change ends three minutes ago: a clock that much ahead is told everything by a list without.
        twin_settings={"end_lag": -600},
        clock_ahead=timedelta(minutes=4),
        ships_whole=True,
    ),
    Traveller(
        "douyin",
        "connectors.sandbox.douyin.twin:DouyinTwin",
        "order/logisticsAdd",
        account={"return_address_no": "1"},
        facts={"reason_no": "1", "evidence": "https://img.example.invalid/parcel.jpg"},
        ships_units=True,
    ),
    Traveller(
        "shopify",
        "connectors.sandbox.shopify.twin:ShopifyTwin",
        "fulfillmentCreate",
        ships_units=True,
        pays_by_itself=True,
    ),
    Traveller(
        "woocommerce",
        "connectors.sandbox.woocommerce.twin:WooTwin",
        "fulfillments.create",
        exchanges=False,
        ships_held=True,
        pays_by_itself=True,
        hides=frozenset({"edit_memo", "part_shipped"}),
        ships_units=True,
    ),
    Traveller(
        "medusa",
        "connectors.sandbox.medusa.twin:MedusaTwin",
        "shipments.create",
        pays_by_itself=True,
        asks_on_order=True,
        agrees_by_itself=True,
        takes_then_pays=True,
        ships_units=True,
    ),
    Traveller(
        "amazon",
        "connectors.sandbox.amazon.twin:AmazonTwin",
        "confirmShipment",
        # Its searches end two minutes ago, and its returns come by a report of the last days.
        twin_settings={"end_lag": -86_400, "report_after": 0, "feed_after": 0},
        account={"poll_seconds": "1", "returns_minutes": "5"},
        clock_ahead=timedelta(minutes=4),
        rests=timedelta(seconds=2),
        case_pulls=3,
        holds_as_unpaid=True,
        asks_on_order=True,
        pays_by_file=True,
        hides=frozenset({"edit_memo", "unpaid_amounts", "masks"}),
        ships_units=True,
    ),
    Traveller(
        "suning",
        "connectors.sandbox.suning.twin:SuningTwin",
        "suning.custom.orderdelivery.add",
        # A receiver of whom stars are left would hide a change of address.
        twin_settings={"masked": False},
        clock_ahead=timedelta(seconds=35),
        exchanges=False,
    ),
    Traveller(
        "vendure",
        "connectors.sandbox.vendure.twin:VendureTwin",
        "transitionFulfillmentToState",
        account={"cod_methods": "cash-on-delivery"},
        exchanges=False,
        pays_by_itself=True,
        hides=frozenset({"unpaid"}),
        ships_units=True,
    ),
    Traveller(
        "saleor",
        "connectors.sandbox.saleor.twin:SaleorTwin",
        "orderFulfill",
        twin_settings={"refund_after": 0},
        exchanges=False,
        pays_by_itself=True,
        agrees_by_itself=True,
        ships_units=True,
    ),
)
