"""GraphQL text to tokens, and a cursor over them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<skip>[\s,\ufeff]+|\#[^\n\r]*)
    |(?P<block>\"\"\"(?:\\\"\"\"|(?!\"\"\").)*\"\"\")
    |(?P<string>"(?:\\.|[^"\\\n\r])*")
    |(?P<float>-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))
    |(?P<int>-?(?:0|[1-9]\d*))
    |(?P<name>[_A-Za-z]\w*)
    |(?P<mark>\.\.\.|[!$&()\[\]{}:=@|])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


class SyntaxFault(Exception):
    """The text is no GraphQL; `at` is (line, column). Correct the document."""

    def __init__(self, words: str, at: tuple[int, int]) -> None:
        super().__init__(f"{words} at [{at[0]}, {at[1]}]")
        self.at = at


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: tuple[int, int]


def tokens_of(text: str) -> list[Token]:
    """All tokens of a text, ended by one of kind `end`."""
    found: list[Token] = []
    place, line, line_start = 0, 1, 0
    while place < len(text):
        match = TOKEN.match(text, place)
        at = (line, place - line_start + 1)
        if match is None:
            raise SyntaxFault(f"Parse error on bad token {text[place]!r}", at)
        piece = match.group()
        if match.lastgroup != "skip":
            found.append(Token(str(match.lastgroup), piece, at))
        if breaks := piece.count("\n"):
            line, line_start = line + breaks, place + piece.rindex("\n") + 1
        place = match.end()
    found.append(Token("end", "", (line, place - line_start + 1)))
    return found


def string_of(token: Token) -> str:
    """The text that a string token stands for."""
    if token.kind == "block":
        return token.text[3:-3].replace('\\"""', '"""').strip()
    try:
        return str(json.loads(token.text, strict=False))
    except ValueError as error:
        raise SyntaxFault(f"Parse error on {token.text}", token.at) from error


class Cursor:
    """Walks over tokens; whoever expects something else than what comes gets a SyntaxFault."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._place = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._place]

    def sees(self, text: str) -> bool:
        """Whether the next token is this mark or word."""
        return self.token.kind in ("mark", "name") and self.token.text == text

    def take(self) -> Token:
        token = self.token
        if token.kind == "end":
            raise SyntaxFault("Unexpected end of document", token.at)
        self._place += 1
        return token

    def skip(self, text: str) -> bool:
        """Step over this mark or word when it comes next."""
        if not self.sees(text):
            return False
        self._place += 1
        return True

    def expect(self, text: str) -> None:
        if not self.skip(text):
            self.refuse(f"expected {text!r}")

    def name(self) -> str:
        if self.token.kind != "name":
            self.refuse("expected a name")
        return self.take().text

    def refuse(self, why: str) -> None:
        token = self.token
        word = f'"{token.text}"' if token.text else "the end of the document"
        raise SyntaxFault(f"Parse error on {word}, {why}", token.at)
