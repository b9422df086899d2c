"""How values read: amounts, times, spans, countdowns, glyphs; and what is copied at set-up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from oms.console import rendering, vendor
from oms.console.icons import ICONS, icon
from oms.console.telling import words
from tests.console.factories import NOW


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(0), "18:42"),
        (timedelta(hours=18, minutes=22), "00:20"),
        (timedelta(hours=19), "昨天 23:42"),
        (timedelta(days=8), "11/13 18:42"),
        (timedelta(days=400), "2025/10/17 18:42"),
    ],
)
def test_a_moment_is_told_in_the_consoles_own_time(app: Flask, ago: timedelta, text: str) -> None:
    with app.test_request_context():
        assert rendering.moment(NOW - ago) == text


@pytest.mark.parametrize(
    ("left", "text", "kind"),
    [
        (timedelta(hours=5, minutes=6), "5 时 06 分", ""),
        (timedelta(hours=1, minutes=59), "1 时 59 分", "soon"),
        (timedelta(minutes=18, seconds=40), "18:40", "late"),
        (timedelta(minutes=-42), "超 42 分", "over"),
        (timedelta(days=2, hours=1), "2 天 1 时", ""),
    ],
)
def test_a_countdown_grows_urgent(app: Flask, left: timedelta, text: str, kind: str) -> None:
    with app.test_request_context():
        due = rendering.due(NOW + left)
    assert due is not None
    assert (due.text, due.kind) == (text, kind)


def test_amounts_follow_their_currency(app: Flask) -> None:
    assert rendering.amount(181550) == "1,815.50"
    assert rendering.amount(-5841, "CNY", True) == "−¥58.41"
    assert rendering.amount(1200, "JPY", True) == "¥1,200"
    assert rendering.amount(None) == "–"


@pytest.mark.parametrize(
    ("language", "facts", "told"),
    [
        ("zh", {"missing": ["city"]}, "缺少 城市"),
        ("en", {"missing": ["city"]}, "Lacks city"),
        ("zh", {"missing": ["name", "phone", "street"]}, "缺少 收货人姓名、收货电话、街道门牌"),
        ("en", {"missing": ["name", "phone", "street"]}, "Lacks name, phone, street"),
        ("zh", {"flags": ["address_change"]}, "买家申请改地址，先到平台同意或拒绝"),
        ("zh", {"flags": ["address_change", "risk_label"]}, "买家申请改地址，先到平台同意或拒绝，平台标记 risk_label"),
    ],
)
def test_what_a_hold_saw_is_told_in_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, language: str, facts: dict[str, list[str]], told: str
) -> None:
    monkeypatch.setitem(app.config, "CONSOLE_PERSON", None)
    with app.test_request_context(headers={"Accept-Language": language}):
        assert words.seen(facts) == told


def test_the_current_step_is_taller_than_the_others() -> None:
    glyph = rendering.seven(4, "held")
    assert glyph.count("<rect") == 7
    assert glyph.count('height="12"') == 1
    assert '<rect class="h" x="30" y="0"' in glyph
    assert rendering.seven(8, "done").count('class="k"') == 7


def test_an_unknown_icon_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="sprite"):
        icon("unicorn")


def test_a_sprite_holds_each_icon_once(tmp_path: Path) -> None:
    drawing = '<svg class="x">\n <path stroke="none" d="M0 0h24v24H0z" fill="none"/>\n <path d="M1 2" />\n</svg>'
    for name in ICONS:
        (tmp_path / f"{name}.svg").write_text(drawing, encoding="utf-8")
    sprite = vendor.make_sprite(tmp_path, ICONS)
    assert sprite.count("<symbol ") == len(ICONS)
    assert 'id="home"' in sprite
    assert 'stroke="none"' not in sprite


def test_a_missing_package_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(vendor.FrontEndMissing, match="npm ci"):
        vendor.copy_front_end(tmp_path / "node_modules", tmp_path / "out")
