"""English is whole: every sentence of the console has one, with the same values in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from oms.console.translating import CATALOGUES
from oms.domain import lifecycle
from oms.domain.lifecycle_stock import STOCK_MACHINES

CONSOLE = CATALOGUES.parent
VALUE = re.compile(r"%\((\w+)\)")


def marked() -> Iterator[str]:
    """Every sentence marked in the code and the templates, and the words of the lifecycle tables."""
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    for _file, _line, message, *_rest in extract_from_dir(str(CONSOLE), methods, keywords={"_": None, "_l": None}):
        if isinstance(message, str):
            yield message
    for machine in (*lifecycle.MACHINES, *STOCK_MACHINES):
        yield from machine.terms.values()


def catalogue(path: Path = CATALOGUES / "en" / "LC_MESSAGES" / "messages.po") -> dict[str, str]:
    with path.open("rb") as source:
        return {str(entry.id): str(entry.string) for entry in read_po(source) if entry.id}


def test_every_sentence_has_english() -> None:
    english = catalogue()
    assert sorted({message for message in marked() if not english.get(message)}) == []


def test_english_carries_the_same_values() -> None:
    wrong = {zh for zh, en in catalogue().items() if not set(VALUE.findall(en)) <= set(VALUE.findall(zh))}
    dropped = {zh for zh, en in catalogue().items() if set(VALUE.findall(zh)) - set(VALUE.findall(en))}
    assert wrong == set()
    assert dropped == set()


def test_no_english_is_left_over() -> None:
    assert set(catalogue()) - set(marked()) == set()


def test_no_sentence_shouts_or_begs() -> None:
    banned = re.compile(r"您|(?<!申)请|！|操作成功|系统异常|参数错误")
    assert [message for message in marked() if banned.search(message)] == []
