"""Where rules hold, as people choose and read it: the places of a select, their names, a place in an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from oms.app.kernel.queries.pages import AnyRow
from oms.app.rulebook.scopes import LABELS, Place, places_of
from oms.console.context import connection, shops
from oms.console.forms import read_whole
from oms.console.messages import _
from oms.console.rendering import label
from oms.console.rules.access import VIEW, reaches
from oms.db.channels import Channel, Shop, ShopGroup, UserGroup
from oms.db.rulebook import SCOPES
from oms.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Named:
    """A place with its kind and name in words; `key` stands for it in forms and addresses."""

    scope: str
    id: int
    kind: str
    name: str

    @property
    def key(self) -> str:
        """As it is written in forms and addresses."""
        return f"{self.scope}:{self.id}"

    @property
    def words(self) -> str:
        """In words."""
        return f"{self.kind} {self.name}" if self.name else self.kind


class Places:
    """The places that the person may see rules of, from wide to exact."""

    @cached_property
    def by_place(self) -> dict[Place, Named]:
        """All of them."""
        return {(found.scope, found.id): found for found in self._found()}

    def __iter__(self) -> Iterator[Named]:
        return iter(self.by_place.values())

    def words(self, scope: str, scope_id: int | None) -> str:
        """A place in words; one without a name here by its kind and number."""
        found = self.by_place.get((scope, scope_id or 0))
        return found.words if found else f"{kind_of(scope)} {scope_id or ''}".strip()

    def within(self, permission: str) -> list[Named]:
        """Those whose rules the person may change by this permission."""
        return [place for place in self if reaches(permission, place.scope, place.id)]

    def find(self, key: str) -> Named | None:
        """The place of a key; None when there is none such that the person may see."""
        scope, _colon, number = key.partition(":")
        scope_id = read_whole(number)
        return None if scope_id is None else self.by_place.get((scope, scope_id))

    def _found(self) -> Iterator[Named]:
        yield Named("global", 0, kind_of("global"), "")
        channels = select(Channel.id, Channel.label_zh, Channel.label_en).order_by(Channel.label_zh, Channel.id)
        for row in connection().execute(channels):
            yield Named("channel", row.id, kind_of("channel"), label(row.label_zh, row.label_en))
        for scope, table in (("shop_group", ShopGroup), ("user_group", UserGroup)):
            for id_, name in connection().execute(select(table.id, table.name).order_by(table.name, table.id)):
                yield Named(scope, id_, kind_of(scope), name)
        for shop in shops(VIEW):
            yield Named("shop", shop.id, kind_of("shop"), shop.name)


def kind_of(scope: str) -> str:
    """The kind of a place in words."""
    return label(*LABELS[scope])


def chosen_place(key: str, field: str = "place") -> Place:
    """The place that a form names, known or not: whether it exists is for the use case to say."""
    scope, _colon, number = key.partition(":")
    scope_id = read_whole(number)
    if scope not in SCOPES or scope_id is None:
        raise Invalid(field, _("选一个适用范围"))
    return scope, scope_id


def chain_of(shop_id: int) -> list[Place]:
    """The places whose rules may decide for a shop, the most exact first."""
    shop: AnyRow = connection().execute(select(*Shop.__table__.c).where(Shop.id == shop_id)).one()
    return [(scope, scope_id) for scope, scope_id in places_of(shop) if scope_id is not None]
