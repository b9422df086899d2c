"""Which version of a rule set is in force: activate, canary, promote, end, roll back, retire."""

from __future__ import annotations

from oms.app.kernel.hub import Hub
from oms.app.rulebook.changing import AnyRow, Change, changing, check_revision, find_version, place_of, set_of
from oms.app.rulebook.currencies import currencies_of
from oms.app.rulebook.documents import find_faults, read_document
from oms.app.rulebook.naming import check_names
from oms.app.rulebook.troubles import clear_unhealthy
from oms.app.rulebook.waking import wake_soon
from oms.domain.errors import Invalid, NotPossible, WrongState

ALL = 100


def activate(
    hub: Hub,
    version_id: int,
    actor: str,
    *,
    revision: int | None = None,
    share: int = ALL,
    despite_findings: bool = False,
) -> None:
    """Put a draft in force for all orders, or as a canary for `share` percent of them; the earlier one is archived.

    From now on the version is never changed. Doing it again changes nothing more. NotPossible when its rules are proved
    to contradict each other or never to match, unless the person has seen that.
    """
    if not 1 <= share <= ALL:
        raise Invalid("share", "a share is 1 to 100 percent", "send 100 for all orders")
    checked = None if despite_findings else _check_findings(hub, version_id)
    with changing(hub, set_of(hub, version_id), actor) as change:
        version = change.version(version_id)
        if version.state == "active" and version.canary == share:
            return
        if version.state != "draft":
            raise WrongState("this version", version.state, "activate")
        check_revision(version, revision)
        check_revision(version, checked)
        if not version.comment:
            raise Invalid("comment", "a version that decides needs a comment", "say in the draft what it changes")
        main, canary = change.in_force()
        if canary is not None:
            raise NotPossible(f"version {canary.number} runs as a canary", "promote or end it first")
        if share < ALL and main is None:
            raise NotPossible("no version is in force for the other orders", "activate it for all orders")
        check_names(change.connection, version.body)
        _put_in_force(change, version, share, main if share == ALL else None)
        change.leave("rule_version_activated", version=version.number, share=share)


def findings_of(hub: Hub, version_id: int) -> list[dict[str, object]]:
    """What is wrong with a version's rules taken together; see `find_faults`."""
    return _findings(hub, version_id)[1]


def roll_back(hub: Hub, version_id: int, actor: str, reason: str = "", *, rule_set_id: int | None = None) -> None:
    """Put an archived version in force again for all orders, at once; a canary ends with it.

    NotFound when `rule_set_id` is given and the version is not of this set.
    """
    with changing(hub, rule_set_id or set_of(hub, version_id), actor) as change:
        version = change.version(version_id)
        main, canary = change.in_force()
        if version.state == "draft":
            raise WrongState("this version", version.state, "roll back to it")
        if canary is not None:
            _archive(change, canary)
        if main is None or main.id != version.id:
            _put_in_force(change, version, ALL, main)
        elif canary is None:
            return
        change.leave(
            "rule_set_rolled_back", version=version.number, was=main.number if main else None, reason=reason[:200]
        )


def promote_canary(hub: Hub, rule_set_id: int, actor: str) -> None:
    """Let the canary decide for all orders."""
    with changing(hub, rule_set_id, actor) as change:
        main, canary = change.in_force()
        if canary is None:
            raise NotPossible("no canary runs in this rule set", "activate a draft for a share of the orders first")
        _put_in_force(change, canary, ALL, main)
        change.leave("rule_canary_promoted", version=canary.number)


def end_canary(hub: Hub, rule_set_id: int, actor: str) -> None:
    """Archive the canary; the version beside it decides for all orders again. Without a canary nothing happens."""
    with changing(hub, rule_set_id, actor) as change:
        _, canary = change.in_force()
        if canary is not None:
            _archive(change, canary)
            change.leave("rule_canary_ended", version=canary.number)


def retire(hub: Hub, rule_set_id: int, actor: str, reason: str = "") -> None:
    """Archive what is in force, so that the next wider scope decides; nothing happens when nothing is in force."""
    with changing(hub, rule_set_id, actor) as change:
        ended = [version for version in change.in_force() if version is not None]
        for version in ended:
            _archive(change, version)
        if ended:
            change.leave("rule_set_retired", version=ended[0].number, reason=reason[:200])


def _check_findings(hub: Hub, version_id: int) -> int:
    """The revision of a draft in which nothing wrong is proved."""
    version, findings = _findings(hub, version_id)
    proved = [finding for finding in findings if finding["is_proved"]]
    if proved and version.state == "draft":
        words = f"{len(proved)} of its rules never match, match everything or contradict another one"
        raise NotPossible(words, "look at the findings; change these rules, or activate it in spite of them")
    return int(version.revision)


def _findings(hub: Hub, version_id: int) -> tuple[AnyRow, list[dict[str, object]]]:
    with hub.engine.connect() as connection:
        version = find_version(connection, version_id)
        currencies = currencies_of(connection, *place_of(connection, version.rule_set_id))
    stage = str(version.body.get("stage", ""))
    return version, find_faults(stage, version.body, version.limits, hub.clock(), currencies)


def _put_in_force(change: Change, version: AnyRow, share: int, replaced: AnyRow | None) -> None:
    # A field or an action may have gone since; such a version would decide by half of its rules. A code that has gone
    # keeps nobody from going back: the orders of its rule are told of, and the harm is done by what is in force now.
    read_document(change.rule_set.stage, version.body.get("rules"), version.limits)
    if replaced is not None:
        _archive(change, replaced)
    change.set_version(
        version.id, state="active", canary=share, activated_at=change.now, activated_by=change.actor, archived_at=None
    )
    clear_unhealthy(change.connection, change.rule_set.id, change.actor, change.now)
    wake_soon(change.connection, change.rule_set.id, change.now)


def _archive(change: Change, version: AnyRow) -> None:
    wake_soon(change.connection, change.rule_set.id, change.now)
    change.set_version(version.id, state="archived", archived_at=change.now)
