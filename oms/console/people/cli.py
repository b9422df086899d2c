"""`oms user …`: people and API keys from the command line, for the first administrator and for scripts."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Sequence
from typing import cast

import click
from sqlalchemy import Connection, select, update

from oms.app.kernel.api_keys import make_key, revoke_key
from oms.app.kernel.hub import Hub
from oms.console.permissions import BUILT_IN_ROLES, PERMISSIONS, permissions_of
from oms.console.sign_in.accounts import ensure_user
from oms.db.channels import Shop
from oms.db.people import Role, User
from oms.domain.errors import Invalid, NotFound

OpenHub = Callable[[], Hub]


def main(words: list[str], open_hub: OpenHub) -> int | None:
    """Run one of the commands; `open_hub` is called only when it needs the database."""
    result = user.main(args=words, prog_name="oms user", standalone_mode=False, obj=open_hub)
    return cast("int | None", result)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def user() -> None:
    """People who sign in, and keys for programs."""


@user.command()
@click.argument("email")
@click.option("--role", default="viewer", show_default=True, help="A role: see `oms user roles`.")
@click.option("--name", default="", help="The name shown at the console.")
@click.option("--shop", "shops", type=int, multiple=True, help="Only for this shop's id; repeat for several.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.pass_obj
def add(open_hub: OpenHub, email: str, role: str, name: str, shops: tuple[int, ...], password_stdin: bool) -> None:
    """Make an account, or give the one of this e-mail address another role and password."""
    hub = open_hub()
    with hub.engine.connect() as connection:
        _check_shops(connection, shops)
    password, is_new = _password(password_stdin)
    user_id = ensure_user(hub, email, password, role, name, shop_ids=list(shops) or None)
    click.echo(f"User {user_id} ({email.strip().lower()}) has the role {role}.")
    if is_new:
        click.echo(f"Password (shown once): {password}")


@user.command()
@click.argument("email")
@click.option("--on/--off", default=False, help="Let the person in again, or keep them out.")
@click.pass_obj
def active(open_hub: OpenHub, email: str, on: bool) -> None:
    """Keep a person out, or let them in again; their sessions end at once."""
    values = {"active": on, "fs_uniquifier": secrets.token_hex(16)}
    with open_hub().begin() as connection:
        done = connection.execute(update(User).where(User.email == email.strip().lower()).values(**values)).rowcount
    if not done:
        raise NotFound(f"there is no user {email}", "look at the people page of the console")
    click.echo(f"{email} may {'sign in again' if on else 'not sign in any more'}.")


@user.command("reset-second-factor")
@click.argument("email")
@click.pass_obj
def reset_second_factor(open_hub: OpenHub, email: str) -> None:
    """Take a lost second factor and its recovery codes away; the password alone opens until a new one is set up."""
    values = {"tf_totp_secret": None, "tf_primary_method": None, "mf_recovery_codes": None}
    with open_hub().begin() as connection:
        done = connection.execute(update(User).where(User.email == email.strip().lower()).values(**values)).rowcount
    if not done:
        raise NotFound(f"there is no user {email}", "look at the people page of the console")
    click.echo(f"{email} has no second factor now.")


@user.command()
def roles() -> None:
    """List the built-in roles and what each may do."""
    for role in BUILT_IN_ROLES.values():
        click.echo(f"{role.name} ({role.label_zh}, {role.label_en}): {', '.join(sorted(role.permissions))}")


@user.command()
@click.argument("name")
@click.option("--role", "roles_", multiple=True, help="Everything this role may do; repeat for several.")
@click.option("--permission", "permissions", multiple=True, help="One permission; repeat for several.")
@click.option("--shop", "shops", type=int, multiple=True, help="Only for this shop's id; repeat for several.")
@click.pass_obj
def key(
    open_hub: OpenHub, name: str, roles_: tuple[str, ...], permissions: tuple[str, ...], shops: tuple[int, ...]
) -> None:
    """Make an API key; it is printed once and kept nowhere."""
    unknown = sorted(set(permissions) - PERMISSIONS.keys())
    if unknown:
        raise Invalid("permission", f"there is no permission {unknown[0]!r}", f"use of {', '.join(PERMISSIONS)}")
    with open_hub().begin() as connection:
        stored = {row.name: row.permissions for row in connection.execute(select(Role.name, Role.permissions))}
        granted = set(permissions)
        for role in roles_:
            if role not in BUILT_IN_ROLES and role not in stored:
                raise Invalid("role", f"there is no role {role!r}", f"use one of {', '.join(BUILT_IN_ROLES)}")
            granted |= permissions_of(role, stored.get(role, ()))
        if not granted:
            raise Invalid("permission", "the key would open nothing", "give --role or --permission")
        _check_shops(connection, shops)
        key_id, made = make_key(connection, name, granted, list(shops) or None)
    click.echo(f"API key {key_id} (shown once): {made}")


def _check_shops(connection: Connection, ids: Sequence[int]) -> None:
    known = set(connection.scalars(select(Shop.id).where(Shop.id.in_(ids)))) if ids else set()
    missing = [id_ for id_ in ids if id_ not in known]
    if missing:
        raise Invalid("shop", f"there is no shop {missing[0]}", "take its number from its page under Settings · Shops")


@user.command("revoke-key")
@click.argument("key_id", type=int)
@click.pass_obj
def revoke(open_hub: OpenHub, key_id: int) -> None:
    """End an API key."""
    hub = open_hub()
    with hub.begin() as connection:
        if not revoke_key(connection, key_id, hub.clock()):
            raise NotFound(f"there is no API key {key_id} in force", "look at the number that was printed with the key")
    click.echo(f"API key {key_id} is revoked.")


def _password(from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether we made it up because nobody could be asked."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True)), False
    return secrets.token_urlsafe(12), True
