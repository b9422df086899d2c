"""The subset of regular expressions on which Python and PostgreSQL agree and which cannot run away.

Literals, `.`, classes such as [A-Z0-9] and [^0-9], \\d, groups, |, ^, $, ? * + {m} {m,} {m,n}. Case matters. Only the
first TEXT_LIMIT characters of a text are looked at. Everything else is refused with its position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from rules.refusals import RuleRefused

TEXT_LIMIT = 1000
PATTERN_LIMIT = 200
_COST_LIMIT = 2_000_000  # steps of a failing match in the worst case; about 10 ms in Python
_MOST_REPEATS = 255  # PostgreSQL takes no more
_META = set(".^$*+?{}[]()|\\")
_REPEATS = frozenset("?*+{")
_UNBOUNDED = None


@dataclass(frozen=True, slots=True)
class _Atom:
    text: str  # a literal or a class, written so that both engines read it alike


@dataclass(frozen=True, slots=True)
class _Edge:
    text: str  # \A or \Z


@dataclass(frozen=True, slots=True)
class _Repeat:
    body: _Item
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Branches:
    branches: tuple[tuple[_Item, ...], ...]


_Item: TypeAlias = _Atom | _Edge | _Repeat | _Branches


@lru_cache(maxsize=1024)
def translate(pattern: str, path: str = "") -> str:
    """The regular expression, the same text for `re.compile(…, re.DOTALL)` and for PostgreSQL's `~`.

    Raises RuleRefused(code="pattern") at `path` for anything outside the subset.
    """
    if len(pattern) > PATTERN_LIMIT:
        raise RuleRefused("too_large", path, limit=PATTERN_LIMIT, what="characters")
    tree = _Reader(pattern, path).read()
    trimmed = _Branches(tuple(_trim(branch) for branch in tree.branches))
    if _cost(trimmed) * (1 if _anchored(trimmed) else TEXT_LIMIT) > _COST_LIMIT:
        raise _refusal(
            path,
            0,
            pattern,
            "重复太多会拖慢系统，请改用 {1,20} 之类的有限次数或 contains_all",
            "it could take too long: use limits such as {1,20}, or contains_all",
        )
    return _write_branches(trimmed)


def sample(pattern: str) -> str:
    """A text that the pattern most likely matches; try it before relying on it."""
    return _sample(_Reader(pattern, "").read())


def _sample(item: _Item) -> str:
    if isinstance(item, _Branches):
        return "".join(map(_sample, item.branches[0]))
    if isinstance(item, _Repeat):
        return _sample(item.body) * item.least
    if isinstance(item, _Edge):
        return ""
    probe = re.compile(item.text, re.DOTALL)
    return next((sign for sign in f"x1{item.text}" if probe.fullmatch(sign)), "")


def _refusal(path: str, at: int, seen: str, hint_zh: str, hint_en: str) -> RuleRefused:
    return RuleRefused("pattern", path, at=at + 1, seen=seen, hint_zh=hint_zh, hint_en=hint_en)


class _Reader:
    """Reads a pattern from left to right; `at` is the position of the next character."""

    def __init__(self, pattern: str, path: str) -> None:
        self.pattern = pattern
        self.path = path
        self.at = 0
        self.depth = 0

    def read(self) -> _Branches:
        tree = self._branches()
        if self.at < len(self.pattern):
            raise self._refuse("多余的 )，字面括号写 \\)", "unmatched ), write \\) for the sign itself")
        return tree

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self) -> str:
        sign = self._peek()
        self.at += 1
        return sign

    def _refuse(self, hint_zh: str, hint_en: str, back: int = 0) -> RuleRefused:
        at = max(self.at - back, 0)
        return _refusal(self.path, at, self.pattern[at : at + 3] or "end", hint_zh, hint_en)

    def _branches(self) -> _Branches:
        branches = [self._branch()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._branch())
        return _Branches(tuple(branches))

    def _branch(self) -> tuple[_Item, ...]:
        items: list[_Item] = []
        while self._peek() not in ("", "|", ")"):
            items.append(self._repeated(self._item(first=not items)))
        if not items:
            raise self._refuse("分支是空的，可省略的部分写 (…)?", "an empty branch: write (…)? for an optional part")
        return tuple(items)

    def _item(self, *, first: bool) -> _Item:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return _Atom(self._class())
        if sign == "\\":
            return _Atom(self._escape(in_class=False))
        if sign == ".":
            return _Atom(".")
        if sign in "^$":
            return self._edge(sign, first=first)
        if sign in "*+?{}]":
            raise self._refuse(f"字面符号请写 \\{sign}", f"write \\{sign} for the sign itself", back=1)
        return _Atom(_literal(sign))

    def _group(self) -> _Branches:
        if self._peek() == "?":
            raise self._refuse("不支持 (?…)，请用普通括号", "(?…) is not supported, use plain brackets", back=1)
        self.depth += 1
        if self.depth > 5:
            raise self._refuse("括号嵌套过深", "brackets are nested too deep")
        tree = self._branches()
        if self._take() != ")":
            raise self._refuse("缺少 )", "a ) is missing", back=1)
        self.depth -= 1
        return tree

    def _edge(self, sign: str, *, first: bool) -> _Edge:
        if self.depth:
            raise self._refuse(f"{sign} 不能在括号内", f"{sign} cannot be inside brackets", back=1)
        if sign == "^" and not first:
            raise self._refuse("^ 只能在开头，字面写 \\^", "^ goes first; write \\^ for the sign itself", back=1)
        if sign == "$" and self._peek() not in ("", "|"):
            raise self._refuse("$ 只能在末尾，字面写 \\$", "$ goes last; write \\$ for the sign itself", back=1)
        return _Edge("\\A" if sign == "^" else "\\Z")

    def _escape(self, *, in_class: bool) -> str:
        sign = self._take()
        if sign == "d":
            return "0-9" if in_class else "[0-9]"
        if sign in _META or (sign in "-/&~#" and sign):
            return _literal(sign)
        raise self._refuse("只能转义标点和 \\d", "only signs and \\d can follow a backslash", back=2)

    def _class(self) -> str:
        negated = self._peek() == "^"
        self.at += negated
        parts: list[str] = []
        while self._peek() != "]":
            parts.append(self._class_part())
        self.at += 1
        if not parts:
            raise self._refuse("[] 是空的", "an empty []", back=2)
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _class_part(self) -> str:
        low = self._class_sign()
        if self._peek() != "-" or self.pattern[self.at + 1 : self.at + 2] == "]" or low == "0-9":
            return low
        self.at += 1
        high = self._class_sign()
        if high == "0-9" or low[-1] > high[-1]:
            raise self._refuse("范围的两端颠倒", "a range must go upward", back=1)
        return f"{low}-{high}"

    def _class_sign(self) -> str:
        sign = self._take()
        if sign == "":
            raise self._refuse("缺少 ]", "a ] is missing", back=1)
        if sign == "\\":
            return self._escape(in_class=True)
        if sign == "[":
            raise self._refuse("方括号内的 [ 请写 \\[", "write \\[ inside brackets", back=1)
        return _literal(sign)

    def _repeated(self, item: _Item) -> _Item:
        sign = self._peek()
        if sign not in _REPEATS:
            return item
        least, most = self._bounds()
        if isinstance(item, _Edge) or self._peek() in _REPEATS:
            raise self._refuse("这里不能再加重复次数", "a repetition cannot follow here")
        if isinstance(item, _Branches) and most != 1 and not _is_plain(item):
            raise self._refuse("被重复的括号内不能再有 | 或重复", "a repeated bracket cannot hold | or repetitions")
        return _Repeat(item, least, most)

    def _bounds(self) -> tuple[int, int | None]:
        sign = self._take()
        if sign != "{":
            return {"?": (0, 1), "*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED)}[sign]
        close = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at : max(close, self.at)].partition(",")
        if not (low.isascii() and low.isdigit() and (high == "" or (high.isascii() and high.isdigit()))):
            raise self._refuse("次数写 {2} 或 {2,5}，字面写 \\{", "write {2} or {2,5}, or \\{ for the sign", back=1)
        least = int(low[:4])
        most = (int(high[:4]) if high else _UNBOUNDED) if comma else least
        if least > _MOST_REPEATS or (most is not None and not max(least, 1) <= most <= _MOST_REPEATS):
            raise self._refuse("次数须在 1 到 255 之间且不颠倒", "counts go upward, from 1 to 255", back=1)
        self.at = close + 1
        return least, most


def _literal(sign: str) -> str:
    """A character as itself; signs are escaped, which both engines allow inside brackets too."""
    return "\\" + sign if sign in _META or sign in "-&~#" else sign


def _is_plain(tree: _Branches) -> bool:
    return len(tree.branches) == 1 and all(isinstance(item, _Atom) for item in tree.branches[0])


def _trim(branch: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """Leave out what a search need not repeat at its open ends: `\\d+-\\d+` finds the same texts as `\\d-\\d`.

    Only the outermost repetition at each end is reduced to its least count.
    """
    items = list(branch)
    for end in (0, -1):
        edge = items[end]
        if isinstance(edge, _Repeat):
            items[end] = _Repeat(edge.body, edge.least, edge.least)
    return tuple(items)


def _anchored(tree: _Branches) -> bool:
    return all(branch and branch[0] == _Edge("\\A") for branch in tree.branches)


def _cost(item: _Item) -> int:
    """Ways to match at one starting point in the worst case."""
    if isinstance(item, _Branches):
        return sum(_product(branch) for branch in item.branches)
    if isinstance(item, _Repeat):
        most = TEXT_LIMIT if item.most is None else item.most
        return (most - item.least + 1) * _cost(item.body)
    return 1


def _product(branch: tuple[_Item, ...]) -> int:
    total = 1
    for item in branch:
        total *= _cost(item)
    return total


def _write_branches(tree: _Branches) -> str:
    return "|".join("".join(map(_write, branch)) for branch in tree.branches)


def _write(item: _Item) -> str:
    if isinstance(item, _Branches):
        return f"(?:{_write_branches(item)})"
    if isinstance(item, _Repeat):
        if item.most == 0:
            return ""
        return f"{_write(item.body)}{_write_count(item.least, item.most)}"
    return item.text


def _write_count(least: int, most: int | None) -> str:
    if (least, most) == (1, 1):
        return ""
    return f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
