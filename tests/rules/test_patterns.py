"""What the safe subset accepts, how it is written, and what it refuses."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.patterns import translate
from rules.refusals import RuleRefused


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"\d+-\d+", r"[0-9]\-[0-9]"),
        (r"^京[A-Z\d]{5,6}$", r"\A京[A-Z0-9]{5,6}\Z"),
        (r"(广东|海南)省?$", r"(?:广东|海南)省{0,1}\Z"),
        (r"a.*b", r"a.{0,}b"),
        (r".*", ""),
    ],
)
def test_a_pattern_is_written_for_both_engines(pattern: str, written: str) -> None:
    assert translate(pattern) == written


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "a|",
        "(a+)+b",
        "(a|b)*c",
        "((a)){2}",
        "a**",
        "a.*b.*c",
        "(?i)a",
        "(?=a)",
        "a)",
        "(a",
        "[a",
        "[]",
        "[z-a]",
        "[a-\\d]",
        "a{3,1}",
        "a{256}",
        "a{0}",
        "a{x}",
        "{",
        "}",
        "]",
        "*",
        "^*",
        "a^",
        "a$b",
        "(^a)",
        "\\w",
        "\\b",
        "\\1",
        "\\",
        "a\\",
        "((((((a))))))",
        "(a{0,200}b{0,200}){1}c{0,200}",
    ],
)
def test_what_engines_disagree_on_or_could_hang_is_refused(pattern: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        translate(pattern, "/rules/0/when/value")
    assert (caught.value.code, caught.value.path) == ("pattern", "/rules/0/when/value")


@given(
    st.lists(st.sampled_from((*"ab-^$.|()[]{}?*+\\d1", "[ab]", "a{1,2}", "(a|b)")), max_size=12).map("".join),
    st.randoms(use_true_random=False),
)
def test_whatever_is_accepted_means_what_it_says(pattern: str, chance: Random) -> None:
    try:
        search = re.compile(translate(pattern), re.DOTALL).search
    except RuleRefused:
        return
    plain = re.compile(pattern.replace("$", r"\Z"), re.DOTALL).search
    for _ in range(20):
        text = "".join(chance.choices("ab-1d^$.", k=chance.randrange(8)))
        assert bool(search(text)) == bool(plain(text)), text
