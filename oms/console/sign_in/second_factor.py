"""One-time passwords: each may be used once."""

from __future__ import annotations

from datetime import timedelta

from flask_security import Totp, UserMixin
from passlib.exc import UsedTokenError
from passlib.totp import TotpMatch
from sqlalchemy import text

from oms.app.kernel.hub import Hub

#: Longer than any code stays valid.
REMEMBERED = timedelta(minutes=10)

_LAST = text("select max(key::bigint) from seen_key where scope = :scope and expires_at > :now")
_USED = text(
    "insert into seen_key (scope, key, seen_at, expires_at) values (:scope, :key, :now, :until) on conflict do nothing"
)


class OneTimePasswords(Totp):
    """Remembers the last code of each account, so that a code read over a shoulder opens nothing."""

    hub: Hub

    def get_last_counter(self, user: UserMixin) -> int | None:
        """The time step of the newest code used."""
        with self.hub.begin() as connection:
            last = connection.execute(_LAST, {"scope": f"totp:{user.id}", "now": self.hub.clock()}).scalar()
        return None if last is None else int(last)

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Note a code as used; of two requests that bring the same one at once, only one gets in."""
        now = self.hub.clock()
        values = {"scope": f"totp:{user.id}", "key": str(tmatch.counter), "now": now, "until": now + REMEMBERED}
        with self.hub.begin() as connection:
            if connection.execute(_USED, values).rowcount == 0:
                raise UsedTokenError
