"""Passwords: how they are hashed (Argon2id) and which ones are refused."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _  # type: ignore[import-untyped]
from flask_security import PasswordUtil
from passlib.context import CryptContext

SCHEME = "argon2"
SHORTEST = 10
LONGEST = 200
FEWEST_DIFFERENT = 5


@cache
def _context() -> CryptContext:
    return CryptContext(schemes=[SCHEME])


def normalised(password: str) -> str:
    """The same characters however a keyboard composes them."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str) -> str:
    """An Argon2id hash with a salt of its own."""
    return str(_context().hash(normalised(password)))


def fault_of(password: str, email: str = "") -> str | None:
    """Why a password is refused, as a code; None when it is good enough."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if len(set(plain)) < FEWEST_DIFFERENT:
        return "monotonous"
    name = email.partition("@")[0].casefold()
    if email and (email.casefold() in plain or (len(name) >= 4 and name in plain)):
        return "holds_email"
    return "sequence" if _is_sequence(plain) else None


def words_of(fault: str) -> str:
    """The sentence for a person."""
    words = {
        "short": _("密码至少 %(n)s 位", n=SHORTEST),
        "long": _("密码最多 %(n)s 位", n=LONGEST),
        "monotonous": _("密码里至少要有 %(n)s 个不同的字符", n=FEWEST_DIFFERENT),
        "holds_email": _("密码里不能有自己的邮箱"),
        "sequence": _("密码不能是连续的字符"),
    }
    return str(words[fault])


def _is_sequence(plain: str) -> bool:
    """Whether it is nothing but neighbours: 1234567890, abcdefghij."""
    steps = {abs(ord(after) - ord(before)) for before, after in pairwise(plain)}
    return steps <= {0, 1, 9}


class PasswordPolicy(PasswordUtil):
    """The same rules for Flask-Security's forms."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """The faults, if any, and the password to hash."""
        user = kwargs.get("user")
        fault = fault_of(password, getattr(user, "email", "") or "")
        return ([words_of(fault)] if fault else None), normalised(password)
