"""A sentence of wording read back to its tree. What cannot be read, or could be read in two ways, is refused."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from rules.codec import DEPTH_LIMIT, read_node, write_node
from rules.model import Condition, FactSpec, Group, GroupKind, Node, Vocabulary
from rules.operators import OPERATORS, Shape, operators_for
from rules.phrases import Language, phrase_of, terms_of, word_condition
from rules.reading_values import QUOTES, end_of_quote, read_value_words
from rules.refusals import RuleRefused
from rules.wording import ALWAYS, AND, NONE_INSIDE, NONE_OUTERMOST, NOT, OR, word_tree

SENTENCE_LIMIT = 50_000
_BRACKETS = {"zh": ("（", "）"), "en": ("(", ")")}
_COMMA = {"zh": "，", "en": ","}


def read_sentence(text: str, vocabulary: Vocabulary, stage: str, language: Language) -> Node:
    """The tree that `word_tree` words as this sentence; raises RuleRefused, which says from which character on.

    The tree has passed the codec: facts known at the stage, values within their limits.
    """
    if len(text) > SENTENCE_LIMIT:
        raise RuleRefused("too_large", "", limit=SENTENCE_LIMIT, what="characters")
    tree = _Reader(text, vocabulary, language).node(0, len(text), 1)
    checked = read_node(write_node(tree), vocabulary, stage)
    worded = word_tree(tree, vocabulary, language)
    if worded != text:
        raise _refusal(0, text, f"若是此意，请写成：{worded}", f"if this is meant, write: {worded}")
    return checked


def _refusal(at: int, seen: str, hint_zh: str, hint_en: str) -> RuleRefused:
    return RuleRefused("sentence", "", at=at + 1, seen=seen[:40], hint_zh=hint_zh, hint_en=hint_en)


class _Reader:
    """Reads stretches of one sentence, from `start` to before `end`; `depth` is that of wording."""

    def __init__(self, text: str, vocabulary: Vocabulary, language: Language) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.language = language
        self.facts = sorted((_label(fact, language), fact.name) for fact in vocabulary.facts.values())

    def node(self, start: int, end: int, depth: int) -> Node:
        if self.text[start:end] == ALWAYS[self.language]:
            return Group(GroupKind.ALL, ())
        if depth < 3:
            return self._joined(start, end, depth)
        if self.text[start : start + 1] != _BRACKETS[self.language][0]:
            return self._condition(start, end)
        if depth > DEPTH_LIMIT:
            raise RuleRefused("too_deep", "", limit=DEPTH_LIMIT)
        if self._after_nested(start) != end:
            raise self._refuse(start, end, "括号没有配对", "the brackets do not match")
        return self._joined(start + 1, end - 1, depth)

    def _joined(self, start: int, end: int, depth: int) -> Node:
        none = (NONE_OUTERMOST if depth == 1 else NONE_INSIDE)[self.language]
        if self.text.startswith(none, start, end):
            return Group(GroupKind.NONE, self._children(start + len(none), end, depth, OR))
        for kind, words in ((GroupKind.ALL, AND), (GroupKind.ANY, OR)):
            if self._connective(start, end, depth, words):
                return Group(kind, self._children(start, end, depth, words))
        if depth == 1 and any(self._connective(start, end, 2, words) for words in (AND, OR)):
            return self._joined(start, end, 2)  # A comma was forgotten; the refusal shows where it goes.
        if self.text.startswith(NOT[self.language], start, end):
            return Group(GroupKind.NONE, (self._condition(start + len(NOT[self.language]), end),))
        return self._condition(start, end)

    def _connective(self, start: int, end: int, depth: int, words: dict[str, str]) -> str:
        """The connective of this depth if it stands in the stretch, else nothing."""
        word = (_COMMA[self.language] if depth == 1 else "") + words[self.language]
        return word if any(True for _ in self._places(start, end, word)) else ""

    def _children(self, start: int, end: int, depth: int, words: dict[str, str]) -> tuple[Node, ...]:
        word = self._connective(start, end, depth, words)
        bounds = list(self._places(start, end, word)) if word else []
        starts = [start, *(at + len(word) for at in bounds)]
        return tuple(self.node(low, high, depth + 1) for low, high in zip(starts, [*bounds, end], strict=True))

    def _places(self, start: int, end: int, word: str) -> Iterator[int]:
        """Where a word stands outside of quotes and brackets."""
        at = start
        while at < end:
            after = self._after_nested(at)
            if after > at:
                at = after
            elif self.text.startswith(word, at, end):
                yield at
                at += len(word)
            else:
                at += 1

    def _after_nested(self, at: int) -> int:
        """The place after the quote or bracket that opens here; `at` itself where none does."""
        opening, closing = _BRACKETS[self.language]
        start, depth = at, 0
        while at < len(self.text):
            sign = self.text[at]
            if sign == QUOTES[self.language][0]:
                at = self._after_quote(at)
            else:
                depth += (sign == opening) - (sign == closing)
                at += depth > 0 or sign == closing
            if depth <= 0:
                return at
        raise self._refuse(start, at, "缺少右括号", "a closing bracket is missing")

    def _after_quote(self, at: int) -> int:
        after = end_of_quote(self.text, at, self.language)
        if after < 0:
            raise self._refuse(at, len(self.text), "引号没有结束", "the quote is not closed")
        return after

    def _condition(self, start: int, end: int) -> Condition:
        text = self.text[start:end]
        found = list(dict.fromkeys(self._readings(text)))
        if len(found) == 1:
            return found[0]
        if found:
            raise self._refuse(start, end, "有两种读法，请改用条件编辑器", "it can be read in two ways, use the editor")
        near = get_close_matches(text[:60], [label for label, _ in self.facts], 3, 0.3)
        raise self._refuse(
            start,
            end,
            f"请以字段名开头，再写比较和值；相近的字段：{'、'.join(near) or '无'}",
            f"begin with the label of a fact, then comparison and value; near: {', '.join(near) or 'none'}",
        )

    def _readings(self, text: str) -> Iterator[Condition]:
        for label, name in self.facts:
            if text.startswith(label):
                fact = self.vocabulary.facts[name]
                for op in operators_for(fact.type):
                    for is_one in (False, True):
                        yield from self._readings_as(fact, op, text, is_one=is_one)

    def _readings_as(self, fact: FactSpec, op: str, text: str, *, is_one: bool) -> Iterator[Condition]:
        before, _, after = phrase_of(fact, op, is_one=is_one)[self.language == "en"].partition("{value}")
        rest = text[len(_label(fact, self.language)) :]
        if not (rest.startswith(before) and rest.endswith(after) and len(rest) >= len(before) + len(after)):
            return
        shape = OPERATORS[op].shape
        words = rest[len(before) : len(rest) - len(after)]
        value = None if shape is Shape.NOTHING else read_value_words(words, shape, terms_of(fact, self.language))
        read = Condition(fact.name, op, value)
        if (shape is Shape.NOTHING or value is not None) and self._words(read) == text:
            yield read

    def _words(self, condition: Condition) -> str:
        return word_condition(condition, self.vocabulary, self.language)

    def _refuse(self, start: int, end: int, hint_zh: str, hint_en: str) -> RuleRefused:
        return _refusal(start, self.text[start:end], hint_zh, hint_en)


def _label(fact: FactSpec, language: Language) -> str:
    return fact.label_zh if language == "zh" else fact.label_en
