"""Parses Doudian's shop order, from the list or from its detail, to a normalised order. Pure; no calls, no clock."""

from __future__ import annotations

from datetime import datetime

from connectors.contract.errors import BadRecord
from connectors.contract.records import (
    BuyerRecord,
    Funder,
    OrderRecord,
    OrderState,
    PaymentKind,
    PaymentRecord,
    PromotionRecord,
    ReceiverRecord,
)
from connectors.marketplaces.douyin import codes
from connectors.marketplaces.douyin.amounts import amounts_of
from connectors.marketplaces.douyin.lines import charge_lines, goods_lines, known_status
from connectors.marketplaces.douyin.reading import (
    Json,
    document,
    moment,
    needed_moment,
    number_text,
    part,
    required,
    rows,
    soft_moment,
    text,
    whole,
)

ROOT = "shop_order_detail"
#: The hub's word for a ciphertext → where it stands.
CIPHERS = {"name": "encrypt_post_receiver", "phone": "encrypt_post_tel", "address": "encrypt_detail"}
_BEFORE_SHIPPING = frozenset({OrderState.UNPAID, OrderState.OPEN})
_DISCOUNTS = (
    ("shop_discount_detail", Funder.MERCHANT),
    ("platform_discount_detail", Funder.PLATFORM),
    ("kol_discount_detail", Funder.DISTRIBUTOR),
)
_PROMOTIONS = (
    ("coupon_info", "coupon_id", "coupon_name", "coupon_amount"),
    ("full_discount_info", "campaign_id", "campaign_name", "campaign_amount"),
    ("redpack_info", "redpack_trans_id", "", "redpack_amount"),
)
_TOTALS = (
    ("promotion_shop_amount", Funder.MERCHANT, "店铺优惠"),
    ("promotion_platform_amount", Funder.PLATFORM, "平台优惠"),
    ("promotion_talent_amount", Funder.DISTRIBUTOR, "达人优惠"),
)
_BEARERS = (
    ("shop_cost", Funder.MERCHANT),
    ("platform_cost", Funder.PLATFORM),
    ("author_cost", Funder.DISTRIBUTOR),
)


def parse_order(body: bytes) -> OrderRecord:
    """The order in an answer of order/orderDetail, or in a bare `{"shop_order_detail": …}`."""
    return order_of(document(body, ROOT))


def order_of(order: Json) -> OrderRecord:
    """The order in a shop order object; BadRecord names the field at fault."""
    skus = rows(order, "sku_order_list")
    if not skus:
        raise BadRecord("an order needs at least one line", field="sku_order_list")
    alerts: list[str] = []
    phases = rows(order, "order_phase_list")
    state = _state(order, skus, phases, alerts)
    amounts = amounts_of(order, skus, state is OrderState.UNPAID)
    alerts.extend(amounts.alerts)
    lines = goods_lines(order, skus, amounts.shares, state, alerts)
    lines += charge_lines(amounts, state)
    paid_at = moment(order, "pay_time")
    is_cod = order.get("pay_type") == codes.CASH_ON_DELIVERY
    return OrderRecord(
        external_no=required(order, "order_id"),
        state=state,
        platform_status=_platform_status(order),
        created_at=needed_moment(order, "create_time"),
        changed_at=needed_moment(order, "update_time"),
        currency="CNY",
        paid_total=amounts.total,
        buyer=BuyerRecord(text(order, "doudian_open_id") or text(order, "open_id")),
        receiver=receiver_of(order),
        lines=tuple(lines),
        payments=_payments(order, skus, phases, amounts.total, is_cod, paid_at, state),
        promotions=_promotions(part(order, "promotion_detail")) or _promotion_totals(order),
        paid_at=None if state is OrderState.UNPAID else paid_at,
        is_cod=is_cod,
        is_presale=bool(phases) or any(_is_presale(sku) for sku in skus),
        buyer_message=text(order, "buyer_words"),
        seller_memo=text(order, "seller_words"),
        flag=_flag(order, alerts),
        ship_by=_ship_by(order, skus),
        platform_holds=_holds(order),
        alerts=tuple(alerts),
    )


def receiver_of(order: Json) -> ReceiverRecord:
    """The masked receiver; ciphertexts and the address id are tokens, kept as they are. Plain text is left out."""
    address, masked = part(order, "post_addr"), part(order, "mask_post_addr")
    province, city, town, street = (
        text(part(masked, name), "name") or text(part(address, name), "name")
        for name in ("province", "city", "town", "street")
    )
    tokens = {word: text(address if word == "address" else order, name) for word, name in CIPHERS.items()}
    tokens["open_address_id"] = text(order, "open_address_id")
    return ReceiverRecord(
        name=text(order, "mask_post_receiver"),
        phone=text(order, "mask_post_tel"),
        state=province,
        city=city,
        district=town,
        town=street,
        address=text(masked, "detail"),
        masked=True,
        tokens={name: token for name, token in tokens.items() if token},
        identity=text(order, "open_address_id"),
    )


def _platform_status(order: Json) -> str:
    status, main = text(order, "order_status"), text(order, "main_status")
    return status if main in ("", status) else f"{status}/{main}"


def _state(order: Json, skus: list[Json], phases: list[Json], alerts: list[str]) -> OrderState:
    if order.get("order_status") in (None, ""):
        raise BadRecord("this is missing", field="order_status")
    if whole(order, "order_type") not in codes.GOODS_TYPES | codes.SERVICE_TYPES:
        alerts.append(f"order_type={text(order, 'order_type'):.40}")
    status = known_status(order)
    state = codes.STATES.get(status)
    if state is None:
        state = _state_of_lines(skus)
        alerts.append(f"order_status={status}")
    if state in _BEFORE_SHIPPING and any(not phase.get("pay_success") for phase in phases):
        return OrderState.UNPAID
    return state


def _state_of_lines(skus: list[Json]) -> OrderState:
    """The state that the lines agree on, when the order's own status is a number we do not know."""
    known = {codes.STATES.get(known_status(sku)) for sku in skus} - {None, OrderState.CANCELLED}
    if known == {OrderState.OPEN, OrderState.SHIPPED}:
        return OrderState.PART_SHIPPED
    state = known.pop() if len(known) == 1 else None
    if state is None:
        raise BadRecord("an unknown status, and the lines do not agree on one either", field="order_status")
    return state


def _is_presale(sku: Json) -> bool:
    return sku.get("trade_type") == codes.DEPOSIT_PRESALE or sku.get("pre_sale_type") == codes.FULL_PRESALE


def _payments(
    order: Json,
    skus: list[Json],
    phases: list[Json],
    total: int,
    is_cod: bool,
    paid_at: datetime | None,
    state: OrderState,
) -> tuple[PaymentRecord, ...]:
    reference = text(order, "channel_payment_no")
    if is_cod:
        return (PaymentRecord(PaymentKind.COD, total, paid_at, reference),)
    if not phases:
        return (PaymentRecord(PaymentKind.ONLINE, total, None if state is OrderState.UNPAID else paid_at, reference),)
    units = {number_text(sku, "order_id"): whole(sku, "item_num") for sku in skus}
    first = [phase for phase in phases if whole(phase, "current_phase") == 1]
    later = [phase for phase in phases if whole(phase, "current_phase") > 1]
    deposit = sum(_phase_amount(phase, units) for phase in first)
    balance_at = _last_paid(later) or (paid_at if state is not OrderState.UNPAID else None)
    if not 0 < deposit < total:
        return (PaymentRecord(PaymentKind.BALANCE, total, balance_at, reference),)
    return (
        PaymentRecord(PaymentKind.DEPOSIT, deposit, _last_paid(first)),
        PaymentRecord(PaymentKind.BALANCE, total - deposit, balance_at, reference),
    )


def _phase_amount(phase: Json, units: dict[str, int]) -> int:
    """What was paid in a phase, or what is due: the phase's price is for one unit."""
    return whole(phase, "phase_pay_amount") or whole(phase, "phase_payable_price") * units.get(
        number_text(phase, "sku_order_id"), 1
    )


def _last_paid(phases: list[Json]) -> datetime | None:
    """When the last of some phases was paid; None when one is still due."""
    times = [soft_moment(phase, "phase_pay_time") if phase.get("pay_success") else None for phase in phases]
    known = [at for at in times if at is not None]
    return max(known) if known and len(known) == len(phases) else None


def _promotions(detail: Json) -> tuple[PromotionRecord, ...]:
    """Named promotions, one record per bearer; only the detail call tells their names."""
    found = []
    for group, owner in _DISCOUNTS:
        discounts = part(detail, group)
        for field, number, name, amount in _PROMOTIONS:
            for promotion in rows(discounts, field):
                for funder, share in _bearers(promotion, owner, whole(promotion, amount)):
                    found.append(PromotionRecord(funder, share, text(promotion, number), text(promotion, name)))
        coins = whole(discounts, "gold_coin_amount")
        if coins > 0:
            found.append(PromotionRecord(Funder.COIN, coins, name="金币抵扣"))
    return tuple(found)


def _promotion_totals(order: Json) -> tuple[PromotionRecord, ...]:
    """One promotion for each owner of discounts: the list tells no names."""
    return tuple(
        PromotionRecord(funder, amount, name=name)
        for field, funder, name in _TOTALS
        if (amount := whole(order, field)) > 0
    )


def _bearers(promotion: Json, owner: Funder, amount: int) -> list[tuple[Funder, int]]:
    costs = part(promotion, "share_discount_cost")
    shares = [(funder, whole(costs, cost)) for cost, funder in _BEARERS]
    if sum(share for _, share in shares) != amount:
        shares = [(owner, amount)]
    return [(funder, share) for funder, share in shares if share > 0]


def _flag(order: Json, alerts: list[str]) -> str:
    number = text(order, "seller_remark_stars")
    if number and number not in codes.FLAGS:
        alerts.append(f"seller_remark_stars={number:.40}")
    return codes.FLAGS.get(number, "")


def _ship_by(order: Json, skus: list[Json]) -> datetime | None:
    own = soft_moment(order, "exp_ship_time")
    return own or min((at for sku in skus if (at := soft_moment(sku, "exp_ship_time"))), default=None)


def _holds(order: Json) -> tuple[str, ...]:
    """The platform's reasons not to ship; a status we do not know may mean anything, so it holds too."""
    status = known_status(order)
    holds = ["paid_pending"] if status == codes.PAID_PENDING else []
    if status not in codes.STATES:
        holds.append("unknown_status")
    for tag in (*rows(order, "shop_order_tag_ui"), *rows(order, "address_tag_ui")):
        key, words = text(tag, "key"), text(tag, "text")
        if any(word in key or word in words for word in codes.ADDRESS_WORDS):
            holds.append("address_change")
        elif any(word in key or word in words for word in codes.HOLD_WORDS):
            holds.append(key or words)
    return tuple(dict.fromkeys(holds))
