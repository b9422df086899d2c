"""Every refusal of connectors and use cases has its Chinese sentence, and what is stored is told with it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

import connectors.contract.errors as outside
import oms.domain.errors as inside
from oms.app.kernel.hub import Hub
from oms.console.refusals import PLACE, REMEDIES, sentences, tell
from oms.console.translating import CATALOGUES
from tests.console import factories
from tests.console.browsing import page_of

CHINESE = re.compile("[\u4e00-\u9fff]")
ROOT = Path(inside.__file__).parents[2]
OUTSIDE = ("BadRecord", "Refused", "Unreachable", "ReceiverMasked", "CannotCollect")
#: What is kept of failures and shown later, with the place of its words.
KEPT = {
    "AuthFailed": 0,
    "Retryable": 0,
    "RateLimited": 0,
    "OutcomeUnknown": 0,
    "NotSupported": 0,
    "CheckReport": 1,
    "Result": 1,
    "Void": 0,
    "Refusal": 1,
    "pause_account": 2,
    "raise_alert": 3,
    "_pause": 1,
    "end_change": 4,
}
#: Reasons that stand in a statement or a form rather than in a call.
PAUSED = {"paused by hand", "the address answered 410: it is gone"}
#: Errors of the hub with the place of their words: the first argument, or the second after the field.
INSIDE = {
    name: 1 if issubclass(kind, inside.Invalid) else 0
    for name, kind in vars(inside).items()
    if isinstance(kind, type) and issubclass(kind, inside.HubError) and kind is not inside.WrongState
}
INSIDE["AccountPaused"] = 0
#: What only a terminal or the API shows is English.
TERMINAL = ("api", "cli", "demo", "doctor", "embedded", "making", "supervisor", "bootstrap", "config", "keyfiles")
PROGRAMS = ("migrate", "cli", "sign_in")


def sources(root: str) -> Iterator[ast.Module]:
    """The modules whose words a page may show."""
    for path in sorted((ROOT / root).rglob("*.py")):
        within = path.relative_to(ROOT / root).with_suffix("").parts
        if "sandbox" in within or within[0] in TERMINAL or set(PROGRAMS) & set(within):
            continue
        yield ast.parse(path.read_text("utf-8"))


def templates(node: ast.expr | None, names: dict[str, list[str]]) -> list[str]:
    """The texts an expression can be, with {1} {2} for what is put in; a name is looked up in its module."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return [numbered(parts) for parts in product(*(pieces(value, names) for value in values))]
        case ast.BoolOp(values=values):
            return [text for value in values for text in templates(value, names)]
        case ast.IfExp(body=body, orelse=orelse):
            return templates(body, names) + templates(orelse, names)
        case ast.BinOp(left=left, right=right):
            return [a + b for a in templates(left, names) for b in templates(right, names)]
        case ast.Call(func=ast.Name(id="str"), args=[given]):
            return templates(given, names)
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            return names.get(name, [])
        case _:
            return []


def pieces(node: ast.expr, names: dict[str, list[str]]) -> list[str]:
    """The texts a part of a template can be; what is put in is an empty one, but for a text from a table."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    table = node.value if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Subscript) else None
    return templates(table, names) or [""]


def numbered(parts: tuple[str, ...]) -> str:
    """The parts as one template with its places numbered."""
    places = count(1)
    return "".join(part or f"{{{next(places)}}}" for part in parts)


def named_texts(module: ast.Module) -> dict[str, list[str]]:
    """The texts that names of a module stand for."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            found.setdefault(node.targets[0].id, []).extend(text for one in texts for text in templates(one, {}))
    return found


def calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Everything that is called, by the last part of its name."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def said_outside() -> set[str]:
    """What connectors (and intake on their behalf) say about a document or an answer."""
    return {
        text
        for root in ("connectors", "oms")
        for module in sources(root)
        for name, call in calls(module)
        if name in OUTSIDE and call.args
        for text in templates(call.args[0], named_texts(module))
        if text
    }


def said_inside() -> set[str]:
    """What use cases refuse with, and their remedies."""
    found: set[str] = set()
    for module in sources("oms"):
        names = named_texts(module)
        for name, call in calls(module):
            if name in INSIDE:
                given = [*call.args[INSIDE[name] :], *[k.value for k in call.keywords if k.arg == "remedy"]]
                found |= {text for node in given[:2] for text in templates(node, names)}
    return {text for text in found if text and not CHINESE.search(text)}


def said_of_failures() -> set[str]:
    """What stays in streams, accounts, outbound rows and alerts after a failure; a method's bare name is no sentence."""
    found = set(PAUSED)
    for root in ("connectors", "oms"):
        for module in sources(root):
            names = named_texts(module)
            for name, call in calls(module):
                if name in KEPT and len(call.args) > KEPT[name]:
                    given = call.args[KEPT[name]]
                    parts = [part.value for part in getattr(given, "values", ()) if isinstance(part, ast.FormattedValue)]
                    within = [part for part in parts if not isinstance(part, ast.Subscript)]
                    texts = {text for node in (given, *within) for text in templates(node, names)}
                    found |= {text for text in texts if name != "NotSupported" or " " in text}
    return {text for text in found if re.search("[a-z]", PLACE.sub("", text))}


def known() -> set[str]:
    with (CATALOGUES / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages = {str(entry.id) for entry in read_po(source) if entry.id and entry.string}
    return messages | {sentence.template for sentence in sentences()}


def test_every_refusal_of_a_connector_has_a_chinese_sentence() -> None:
    assert len(said_outside()) > 250
    assert sorted(said_outside() - {sentence.template for sentence in sentences()}) == []


def test_every_refusal_of_a_use_case_and_its_remedy_have_a_chinese_sentence() -> None:
    assert len(said_inside()) > 150
    assert sorted(said_inside() - known()) == []


def test_every_word_kept_of_a_failure_has_a_chinese_sentence() -> None:
    assert len(said_of_failures()) > 100
    assert sorted(said_of_failures() - known()) == []


def test_no_sentence_is_left_over() -> None:
    said = said_outside() | said_inside() | said_of_failures()
    assert sorted({sentence.template for sentence in sentences()} - said) == []


def test_sentences_use_the_values_of_their_templates_and_name_a_remedy() -> None:
    for sentence in sentences():
        assert set(PLACE.findall(sentence.chinese)) == set(PLACE.findall(sentence.template)), sentence.template
        assert sentence.remedy in {"", *REMEDIES}, sentence.template
    assert set(REMEDIES) == {sentence.remedy for sentence in sentences()} - {""}


def test_a_whole_sentence_of_the_messages_is_told_before_a_template_that_would_swallow_it(app: Flask) -> None:
    with app.test_request_context():
        assert tell("it has been handed over or sent away already").words == "已经交付或送走了"


def test_each_template_is_told_with_its_own_sentence(app: Flask) -> None:
    """No template is swallowed by another that is wider."""
    with app.test_request_context():
        for sentence in sentences():
            stored = PLACE.sub(lambda place: f"<v{place[1]}>", sentence.template)
            wanted = PLACE.sub(lambda place: f"<v{place[1]}>", sentence.chinese)
            assert tell(stored).words == wanted


@pytest.mark.parametrize(
    ("stored", "field", "told"),
    [
        ("this is missing", "buyer.name", "报文里缺「buyer.name」"),
        ("the lines add up to 1200 fen, not 1300", "", "各行加起来是 1200 分，不是 1300 分"),
        ("a line needs units", "lines[0]", "「lines[0]」有一行商品没写数量"),
        ("status: this is not a text", "", "「status」不是文字"),
        ("JD knows no case 771 [E-12]", "", "京东没有售后单 771 [E-12]"),
        ("authorise the shop again: the platform gave no reason", "", "店铺要重新授权：平台没说为什么"),
        ("orders: too many calls; cases: ZTO says no", "", "「orders」调用太多；cases: ZTO says no"),
        ("ZTO says no", "", "ZTO says no"),
        ("平台限流", "", "平台限流"),
        ("", "", ""),
    ],
)
def test_stored_words_are_told_in_chinese(app: Flask, stored: str, field: str, told: str) -> None:
    with app.test_request_context():
        assert tell(stored, field).words == told


def test_an_english_reader_sees_the_stored_words_and_the_remedy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "CONSOLE_PERSON", None)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        told = tell("this is not an amount", "paid")
    assert told.words == "this is not an amount"
    assert told.remedy == "Compare the order's amounts on the platform; retry when they are right there"


def test_a_parked_record_says_in_chinese_what_is_wrong_and_what_helps(
    client: FlaskClient, hub: Hub, world: factories.World
) -> None:
    with hub.begin() as connection:
        factories.a_parked_record(
            connection, world, external_no="T-refusal-1", field="lines[0].units", reason="this is not a whole number"
        )
    page = page_of(client, "/operations/parked")
    assert "「lines[0].units」不是整数" in page
    assert "到平台后台看这一单；格式没错就重试" in page
    assert 'title="this is not a whole number"' in page


def test_the_words_of_a_vendor_stay_as_they_are() -> None:
    assert str(outside.Refused("库存不足", code="7")) == "库存不足 [7]"
