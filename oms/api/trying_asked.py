"""What goes into the API about trials of rules."""

from __future__ import annotations

from marshmallow import fields, validate

from oms.api.rule_sets_asked import BEHIND, PLACE
from oms.api.schemas import ID, Body, Question, plain_text
from oms.app.rulebook.trying.outcomes import LISTED
from oms.app.rulebook.trying.people import WORDS
from oms.app.rulebook.trying.questions import VERDICTS
from oms.db.rulebook import STAGES

MINOR = validate.Range(min=0, max=10**15)


class FilterIn(Body):
    """Narrows the orders; amounts are minor units."""

    channel_id = fields.Integer(validate=PLACE, load_default=0, strict=True)
    least = fields.Integer(validate=MINOR, load_default=None, allow_none=True, strict=True)
    most = fields.Integer(validate=MINOR, load_default=None, allow_none=True, strict=True)
    currency = fields.String(validate=[validate.Length(max=3), plain_text], load_default="")
    term = fields.String(validate=validate.OneOf(["", "cod", "prepaid"]), load_default="")
    verdict = fields.String(
        validate=validate.OneOf(VERDICTS), load_default="", metadata={"description": "What was decided then"}
    )


class BacktestIn(Body):
    """Orders placed from `since` up to `until`, of these shops, or of all that you may see."""

    since = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    shop_ids = fields.List(fields.Integer(validate=ID, strict=True), load_default=None, allow_none=True)
    against = fields.Integer(
        validate=ID, load_default=None, allow_none=True, strict=True,
        metadata={"description": "A version to compare with; left out, what is in force for each shop"},
    )  # fmt: skip
    filter = fields.Nested(FilterIn, load_default=dict)


class DryRunIn(Body):
    """An order as it is now."""

    order_id = fields.Integer(required=True, validate=ID, strict=True)


class DryRunRulesIn(DryRunIn):
    """Rules that are stored nowhere, and the stage they are for."""

    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    rules = fields.List(fields.Dict(), required=True)


class BacktestsQuestion(Question):
    """Which backtests, newest first."""

    rule_set_id = fields.Integer(validate=PLACE, load_default=0)
    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": BEHIND})


class ChangesQuestion(Question):
    """Which orders, by id."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in LISTED]), load_default="")
    person = fields.String(
        validate=validate.OneOf(WORDS), load_default="", metadata={"description": "What people then did"}
    )
    rule = fields.String(validate=[validate.Length(max=64), plain_text], load_default="")
    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": BEHIND})


class PeriodQuestion(Question):
    """So many days up to now."""

    days = fields.Integer(validate=validate.Range(min=1, max=92), load_default=30)
