"""From the names of a receiver's divisions to a code: the table where it is loaded, else the province."""

from __future__ import annotations

from sqlalchemy import Connection, text

from oms.domain.divisions import plain_name, province_code

LEVELS = text("""
select p.name, case when c.is_pseudo then '' else c.name end, d.name, d.code
from division d join division c on c.code = d.parent_code join division p on p.code = c.parent_code
where d.level = 3""")
CITIES = text("""
select p.name, c.name, c.code from division c join division p on p.code = c.parent_code where c.level = 2""")


class Places:
    """Resolves (province, city, district) names; loaded once a process."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str, str], str] | None = None

    def code(self, connection: Connection, state: str, city: str, district: str) -> str:
        """The most exact code known for the names, empty when not even the province is known."""
        if self._codes is None:
            self._codes = self._load(connection)
        codes, province = self._codes, plain_name(state)
        return (
            codes.get((province, city, district))
            or codes.get((province, "", district))
            or codes.get((province, city, ""))
            or province_code(state)
        )

    @staticmethod
    def _load(connection: Connection) -> dict[tuple[str, str, str], str]:
        codes: dict[tuple[str, str, str], str] = {}
        for state, city, code in connection.execute(CITIES):
            codes[plain_name(state), city, ""] = code
        for state, city, district, code in connection.execute(LEVELS):
            codes[plain_name(state), city, district] = code
        return codes
