"""Holds of rules name the rules and say in words why one left an order to people."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from oms.app.kernel.hub import Hub
from oms.console.telling import words
from tests.console import factories


def test_a_hold_names_its_rules_and_why(app: Flask, hub: Hub, world: factories.World) -> None:
    body = '{"rules": [{"id": "lim", "name": "大额要看"}, {"id": "b", "name": "乙"}]}'
    with hub.begin() as connection:
        connection.execute(text("insert into rule_set (id, stage, name) values (77, 'preprocess', 'x')"))
        connection.execute(
            text("insert into rule_set_version (rule_set_id, body, state) values (77, cast(:body as jsonb), 'archived')"),
            {"body": body},
        )
    with app.test_request_context("/"):
        told = words.seen({"rules": ["lim"], "reason": "lim: paused"})
        both = words.seen({"rules": ["lim", "b"], "reason": "lim: limit, b: unknown fact"})
        own = words.seen({"rules": ["gone"], "reason": "先核对礼品卡"})
    assert told == "规则 大额要看，原因 规则停了"
    assert both == "规则 大额要看、乙，原因 大额要看 超过每小时限额、乙 有条件当时读不到"
    assert own == "规则 gone，原因 先核对礼品卡"
