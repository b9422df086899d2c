"""The user tables as Flask-Security wants to see them: the same rows, mapped a second time with its mixins."""

from __future__ import annotations

from typing import Any, cast

from flask_security import RoleMixin, SQLAlchemySessionUserDatastore, UserMixin
from sqlalchemy.orm import Session, registry, relationship, scoped_session

from oms.console.permissions import permissions_of
from oms.console.security import Person
from oms.db.base import Base
from oms.db.people import Role, User, UserRole

_again = registry(metadata=Base.metadata)


class GrantedRole(RoleMixin):
    """A role as Flask-Security sees it."""

    name: str
    permissions: list[str]


class Grant:
    """A role given to an account for some shops; None means every shop."""

    role: GrantedRole
    shop_ids: list[int] | None


class Account(UserMixin):
    """A user who signs in."""

    id: int
    display_name: str
    email: str
    locale: str
    theme: str
    grants: list[Grant]

    @property
    def roles(self) -> list[GrantedRole]:  # type: ignore[override]
        """What Flask-Security asks about roles."""
        return [grant.role for grant in self.grants]


_again.map_imperatively(GrantedRole, Role.__table__)
_role = relationship(GrantedRole, lazy="joined", viewonly=True)
_grants = relationship(Grant, lazy="selectin", viewonly=True)
_again.map_imperatively(Grant, UserRole.__table__, properties={"role": _role})
_again.map_imperatively(Account, User.__table__, properties={"grants": _grants})


class Accounts(SQLAlchemySessionUserDatastore):
    """Finds and stores accounts; a look-up gives its connection back at once."""

    def __init__(self, sessions: scoped_session[Session]) -> None:
        super().__init__(sessions, Account, GrantedRole)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:
        """The account with this attribute."""
        found = cast("Account | None", super().find_user(case_insensitive=case_insensitive, **kwargs))
        session = self.db.session
        if not (session.dirty or session.new):
            session.commit()  # Ends the reading transaction; what was read stays.
        return found

    def mf_delete_recovery_code(self, user: UserMixin, idx: int) -> bool:
        """Take a used code away; as a new list, since a change inside the old one would not be stored."""
        codes = self.mf_get_recovery_codes(user)
        if not 0 <= idx < len(codes):
            return False
        user.mf_recovery_codes = [code for place, code in enumerate(codes) if place != idx]
        self.put(user)  # type: ignore[no-untyped-call]
        return True


def person_of(account: Account) -> Person:
    """What an account may do: the union of its roles, each for the shops it was given for."""
    scopes: dict[str, frozenset[int] | None] = {}
    for grant in account.grants:
        shops = None if grant.shop_ids is None else frozenset(grant.shop_ids)
        for permission in permissions_of(grant.role.name, grant.role.permissions):
            known = scopes.get(permission, frozenset())
            scopes[permission] = None if shops is None or known is None else known | shops
    name = account.display_name or account.email
    return Person(account.id, name, account.locale, account.theme, frozenset(scopes), None, scopes)
