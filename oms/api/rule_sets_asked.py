"""What goes into the API about rule sets; rules and limits are documents as docs/rules.md and rule-sets.md tell them."""

from __future__ import annotations

from collections.abc import Callable

from marshmallow import fields, validate

from oms.api.schemas import ID, LARGEST, Body, Question, plain_text
from oms.app.rulebook.drafts import LONGEST_COMMENT, LONGEST_NAME
from oms.db.rulebook import SCOPES, STAGES

COMMENT: list[Callable[[str], object]] = [validate.Length(max=LONGEST_COMMENT), plain_text]
NAME: list[Callable[[str], object]] = [validate.Length(max=LONGEST_NAME), plain_text]
REASON: list[Callable[[str], object]] = [validate.Length(max=200), plain_text]
PLACE = validate.Range(min=0, max=LARGEST)
BEHIND = "`next` of the page before"


class SetsQuestion(Question):
    """Which rule sets."""

    stage = fields.String(validate=validate.OneOf(STAGES))
    scope = fields.String(validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(validate=PLACE)
    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": BEHIND})


class SetIn(Body):
    """A rule set with its first draft; `scope_id` names the shop, group or channel, 0 for the global scope."""

    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(validate=PLACE, load_default=0, strict=True)
    name = fields.String(validate=NAME, load_default="")
    rules = fields.List(fields.Dict(), load_default=list)
    limits = fields.List(fields.Dict(), load_default=list)
    comment = fields.String(validate=COMMENT, load_default="")


class NameIn(Body):
    """A rule set's name."""

    name = fields.String(required=True, validate=[validate.Length(min=1, max=LONGEST_NAME), plain_text])


class DraftIn(Body):
    """What a new draft begins with."""

    begin = fields.String(validate=validate.OneOf(["active", "nothing"]), load_default="active")
    comment = fields.String(validate=COMMENT, load_default="")


class EditIn(Body):
    """What a draft shall say; `revision` is the one you read."""

    revision = fields.Integer(required=True, validate=ID, strict=True)
    rules = fields.List(fields.Dict(), required=True)
    limits = fields.List(fields.Dict(), load_default=list)
    comment = fields.String(validate=COMMENT, load_default="")


class RevisionQuestion(Question):
    """The revision of the draft you read."""

    revision = fields.Integer(validate=ID)


class ActivateIn(Body):
    """For how many orders, in percent: 100 for all, less for a canary."""

    revision = fields.Integer(validate=ID, strict=True)
    share = fields.Integer(validate=validate.Range(min=1, max=100), load_default=100, strict=True)
    despite_findings = fields.Boolean(
        load_default=False, metadata={"description": "Also when its rules contradict each other or never match"}
    )


class CopyIn(Body):
    """Where to; `name` is for a rule set that the place does not have yet."""

    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(validate=PLACE, load_default=0, strict=True)
    name = fields.String(validate=NAME, load_default="")
    comment = fields.String(validate=COMMENT, load_default="")


class CopyAllIn(Body):
    """From where to where."""

    from_scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    from_id = fields.Integer(validate=PLACE, load_default=0, strict=True)
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    scope_id = fields.Integer(validate=PLACE, load_default=0, strict=True)
    comment = fields.String(validate=COMMENT, load_default="")


class RollBackIn(Body):
    """An archived version of this rule set."""

    version_id = fields.Integer(required=True, validate=ID, strict=True)
    reason = fields.String(validate=REASON, load_default="")


class ReasonIn(Body):
    """Why."""

    reason = fields.String(required=True, validate=[validate.Length(min=2, max=200), plain_text])


class AgainstQuestion(Question):
    """The version to compare with, of any scope."""

    against = fields.Integer(required=True, validate=ID)


class StagesQuestion(Question):
    """One stage, or all."""

    stage = fields.String(validate=validate.OneOf(STAGES))


class InheritanceQuestion(StagesQuestion):
    """One stage or all, fifty shops a page."""

    after = fields.Integer(validate=PLACE, load_default=0, metadata={"description": BEHIND})


class TroublesQuestion(Question):
    """Which troubles."""

    cleared = fields.Boolean(load_default=False, metadata={"description": "Those that are over, too"})
