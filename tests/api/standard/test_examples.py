"""The examples of the page about the standard interface run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import orjson

from tests.api.standard.kit import Partner
from tests.factories import World

PAGE = Path(__file__).resolve().parents[3] / "docs" / "standard-interface.md"
LONGEST = 150
ADDRESS = "$HUB"


def commands() -> list[list[str]]:
    """The words of every curl command of the page, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = re.split(r"\n(?=curl |oms |export )", "\n".join(blocks))
    return [shlex.split(line, comments=True) for line in lines if line.startswith("curl ")]


def run(partner: Partner, words: list[str]) -> Any:
    """What the API answers to a curl command."""
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    (address,) = [word for word in words if word.startswith(ADDRESS)]
    given = {}
    if "-d" in words:
        assert "Content-Type: application/json" in words
        given["json"] = orjson.loads(words[words.index("-d") + 1])
    assert "Authorization: Bearer $KEY" in words
    return partner.ask(method, address.removeprefix(ADDRESS), **given)


def test_every_example_is_taken(world: World, partner: Partner) -> None:
    found = commands()
    assert len(found) >= 9
    for words in found:
        answer = run(partner, words)
        assert answer.status_code in (200, 201), (words, answer.text)
        assert "refused" not in answer.text, answer.text
    assert world.one("select count(*) from orders where external_no in ('M-1001', 'M-1002', 'POS-7-000123')") == 3
    assert world.one("select count(*) from cases where external_no = 'C-1'") == 1


def test_the_page_is_short() -> None:
    assert len(PAGE.read_text("utf-8").splitlines()) <= LONGEST
