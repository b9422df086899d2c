"""Making accounts from outside a request: the command line and the demo."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from oms.app.kernel.hub import Hub
from oms.console.permissions import BUILT_IN_ROLES
from oms.console.sign_in.passwords import fault_of, hash_password
from oms.console.sign_in.roles import keep_roles
from oms.db.people import Role, User, UserRole
from oms.domain.errors import Invalid

REMEDIES = {
    "short": "use ten characters or more",
    "long": "use two hundred characters at most",
    "monotonous": "use at least five different characters",
    "holds_email": "leave your e-mail address out of it",
    "sequence": "do not use characters in a row",
}


def ensure_user(
    hub: Hub, email: str, password: str, role: str, display_name: str = "", *, shop_ids: list[int] | None = None
) -> int:
    """Make the account, or give the existing one this password, role and name; answers its id.

    `role` is a built-in one (oms.console.permissions) or one in the database; `shop_ids` None means every shop.
    Invalid names the field that is wrong.
    """
    address = email.strip().lower()
    _check(address, password)
    with hub.begin() as connection:
        keep_roles(connection)
        role_id = connection.scalar(select(Role.id).where(Role.name == role))
        if role_id is None:
            raise Invalid("role", f"there is no role {role!r}", f"use one of {', '.join(BUILT_IN_ROLES)}")
        user_id = _put_user(connection, address, password, display_name)
        given = insert(UserRole).values(user_id=user_id, role_id=role_id, shop_ids=shop_ids)
        connection.execute(
            given.on_conflict_do_update(index_elements=["user_id", "role_id"], set_={"shop_ids": shop_ids})
        )
    return user_id


def _check(address: str, password: str) -> None:
    if address.count("@") != 1 or address.startswith("@") or address.endswith("@") or " " in address:
        raise Invalid("email", "this is no e-mail address", "write it like name@example.com")
    fault = fault_of(password, address)
    if fault:
        raise Invalid("password", "the password is refused", REMEDIES[fault])


def _put_user(connection: Connection, address: str, password: str, display_name: str) -> int:
    """A new session mark signs out whoever used the old password."""
    changed = {"password": hash_password(password), "active": True, "fs_uniquifier": secrets.token_hex(16)}
    if display_name:
        changed["display_name"] = display_name
    row = insert(User).values(email=address, **changed)
    written = connection.execute(row.on_conflict_do_update(index_elements=["email"], set_=changed).returning(User.id))
    return int(written.scalar_one())
