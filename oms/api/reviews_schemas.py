"""What goes in and out of the API about reviews and how shops review."""

from __future__ import annotations

from collections.abc import Callable

from marshmallow import Schema, fields, validate

from oms.api.schemas import ID, LARGEST, Body, Question, plain_text
from oms.app.kernel.queries.reviewers import UNLIMITED
from oms.app.pipeline.reviewing.bulk import MOST
from oms.app.pipeline.reviewing.claiming import MOST as MOST_CLAIMED
from oms.app.pipeline.reviewing.claiming import USUAL
from oms.domain.review import BY_BIT, MODES

TIER = validate.OneOf(list(BY_BIT))
TIER_WORDS = {"description": "1 service, 2 finance, 4 logistics, 8 courier"}
REASON: list[Callable[[str], object]] = [validate.Length(max=200), plain_text]
WHOSE = ("all", "mine", "team", "free")


class QueueQuestion(Question):
    """Which part of a tier's queue; mine and team are of the person who asks."""

    tier = fields.Integer(required=True, validate=TIER, metadata=TIER_WORDS)
    whose = fields.String(validate=validate.OneOf(WHOSE), load_default="all")
    shop_id = fields.Integer(validate=ID)
    cursor = fields.String(validate=[validate.Length(max=60), plain_text], load_default="")


class ChosenIn(Body):
    """Orders at a tier."""

    tier = fields.Integer(required=True, validate=TIER, strict=True, metadata=TIER_WORDS)
    order_ids = fields.List(
        fields.Integer(validate=ID, strict=True), required=True, validate=validate.Length(min=1, max=MOST)
    )


class PassIn(ChosenIn):
    """Orders to pass, with a reason that stands in each decision."""

    reason = fields.String(validate=REASON, load_default="")


class HandOverIn(PassIn):
    """Orders to hand over: name a person or a team."""

    user_id = fields.Integer(validate=ID, strict=True, load_default=None, allow_none=True)
    user_group_id = fields.Integer(validate=ID, strict=True, load_default=None, allow_none=True)


class ClaimIn(Body):
    """How many to take of a tier."""

    tier = fields.Integer(required=True, validate=TIER, strict=True, metadata=TIER_WORDS)
    count = fields.Integer(validate=validate.Range(min=1, max=MOST_CLAIMED), load_default=USUAL, strict=True)


class UndoIn(Body):
    """Why a bulk pass is taken back."""

    reason = fields.String(required=True, validate=[validate.Length(min=2, max=200), plain_text])


class QueuedOut(Schema):
    """An order in a queue: who has taken it, who may pass it, and the tiers whose turn comes after this one."""

    id = fields.Integer(required=True)
    shop_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    currency = fields.String(required=True)
    paid_total = fields.Integer(required=True)
    ship_by = fields.AwareDateTime(required=True, allow_none=True)
    tiers_waiting = fields.Integer(required=True)
    tiers_next = fields.List(fields.Integer(), required=True)
    holder = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    claimed_at = fields.AwareDateTime(required=True, allow_none=True)
    able = fields.List(fields.String(), required=True)


class QueueOut(Schema):
    """One page of a queue, the nearest deadline first; `next` is empty on the last."""

    orders = fields.List(fields.Nested(QueuedOut), required=True)
    next = fields.String(required=True)


class ReviewOutcomeOut(Schema):
    """What became, or would become, of one order; `words` say why when it is refused."""

    order_id = fields.Integer(required=True)
    is_done = fields.Boolean(required=True)
    words = fields.String(required=True)


class ReviewOutcomeList(Schema):
    """One outcome for each order, in the order they were named."""

    outcomes = fields.List(fields.Nested(ReviewOutcomeOut), required=True)


class PreviewOut(Schema):
    """What passing would do: on to merging, on but held, on to another tier, or refused."""

    passing = fields.List(fields.Integer(), required=True)
    held = fields.List(fields.Dict(), required=True)
    moving = fields.List(fields.Dict(), required=True)
    refused = fields.List(fields.Nested(ReviewOutcomeOut), required=True)


class BulkOut(Schema):
    """A bulk pass with its outcomes so far; with its id the whole is taken back."""

    id = fields.Integer(required=True)
    tier = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    asked = fields.Integer(required=True)
    done = fields.Integer(required=True)
    undone_at = fields.AwareDateTime(required=True, allow_none=True)
    outcomes = fields.List(fields.Nested(ReviewOutcomeOut), required=True)


class ClaimOut(Schema):
    """The orders that were taken, the most urgent first."""

    order_ids = fields.List(fields.Integer(), required=True)


class ForcedQuestion(Question):
    """The span of the report, a day at most unless both ends are named."""

    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)


class ForcedOut(Schema):
    """A pass by force and what became of the order: taken_back, changed, refunded, case, else its phase."""

    order_id = fields.Integer(required=True)
    shop_id = fields.Integer(required=True)
    external_no = fields.String(required=True)
    tier = fields.Integer(required=True)
    actor = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    amount = fields.Integer(required=True)
    currency = fields.String(required=True)
    reason = fields.String(required=True)
    fate = fields.String(required=True)


class ForcedList(Schema):
    """Passes by force, oldest first, a thousand at most."""

    forced = fields.List(fields.Nested(ForcedOut), required=True)


class TierSetting(Schema):
    """How a shop uses one tier; `position` counts where tiers look in order, the smallest first."""

    tier = fields.Integer(required=True, validate=TIER, strict=True, metadata=TIER_WORDS)
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    position = fields.Integer(required=True, validate=validate.Range(min=1, max=4), strict=True)


class ShopReviewIn(Body):
    """How a shop reviews from now on; orders that wait already stay as they are."""

    in_order = fields.Boolean(required=True)
    tiers = fields.List(fields.Nested(TierSetting), required=True, validate=validate.Length(equal=4))


class ShopReviewOut(Schema):
    """How a shop reviews."""

    shop_id = fields.Integer(required=True)
    in_order = fields.Boolean(required=True)
    tiers = fields.List(fields.Nested(TierSetting), required=True)


class LimitSetting(Schema):
    """What a role may pass; `most_amount` null is any amount."""

    role_id = fields.Integer(required=True, validate=ID, strict=True)
    currency = fields.String(required=True, validate=[validate.Length(equal=3), plain_text])
    most_amount = fields.Integer(
        required=True, allow_none=True, strict=True, validate=validate.Range(min=0, max=UNLIMITED - 1)
    )


class LimitsIn(Body):
    """All limits of a tier; none lets everybody pass who may review."""

    limits = fields.List(fields.Nested(LimitSetting), required=True, validate=validate.Length(max=200))


class LimitsOut(Schema):
    """The limits of a tier."""

    tier = fields.Integer(required=True)
    limits = fields.List(fields.Nested(LimitSetting), required=True)


class ShiftIn(Body):
    """A shift of somebody in a team: minutes after midnight; an end before the start is on the next day."""

    user_group_id = fields.Integer(required=True, validate=ID, strict=True)
    user_id = fields.Integer(required=True, validate=ID, strict=True)
    weekdays = fields.List(
        fields.Integer(validate=validate.Range(min=1, max=7), strict=True),
        required=True,
        validate=validate.Length(min=1, max=7),
        metadata={"description": "1 is Monday"},
    )
    starts_min = fields.Integer(required=True, validate=validate.Range(min=0, max=1439), strict=True)
    ends_min = fields.Integer(required=True, validate=validate.Range(min=0, max=1440), strict=True)
    timezone = fields.String(validate=[validate.Length(max=60), plain_text], load_default="Asia/Shanghai")


class ShiftOut(ShiftIn):
    """A shift, and whether it runs now."""

    id = fields.Integer(required=True)
    team = fields.String(required=True)
    person = fields.String(required=True)
    is_on = fields.Boolean(required=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)


class ShiftList(Schema):
    """Every shift, by team."""

    shifts = fields.List(fields.Nested(ShiftOut), required=True)


class ShiftMade(Schema):
    """The number of a new shift."""

    id = fields.Integer(required=True, validate=validate.Range(max=LARGEST))
