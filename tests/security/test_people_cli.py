"""`oms user …` and the roles it gives."""

from __future__ import annotations

from io import StringIO

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from oms.app.kernel.api_keys import find_key, make_key
from oms.app.kernel.hub import Hub
from oms.console.people import cli as people_cli
from oms.console.permissions import BUILT_IN_ROLES, PERMISSIONS, SPLIT_OFF, permissions_of
from oms.console.sign_in import ensure_user
from oms.console.sign_in.model import Account, Grant, GrantedRole, person_of
from oms.domain.errors import Invalid, NotFound
from oms.migrating import bring_up_to_date
from tests.console.factories import a_world
from tests.web_kit import PASSWORD, sign_in


def run(hub: Hub, *words: str) -> None:
    people_cli.main(list(words), lambda: hub)


def test_add_makes_an_account_that_can_sign_in(
    hub: Hub, app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(PASSWORD + "\n"))
    run(hub, "add", "New@Example.com", "--role", "finance", "--name", "新人", "--password-stdin")
    assert PASSWORD not in capsys.readouterr().out
    assert sign_in(app.test_client(), "new@example.com").status_code == 302


def test_add_makes_up_a_password_when_nobody_can_be_asked(
    hub: Hub, app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(""))
    run(hub, "add", "script@example.com")
    made = capsys.readouterr().out.rpartition(": ")[2].strip()
    assert sign_in(app.test_client(), "script@example.com", made).status_code == 302


def test_bringing_a_database_up_to_date_gives_built_in_roles_what_the_program_knows(own_database_url: str) -> None:
    engine = create_engine(own_database_url)
    with engine.begin() as connection:
        connection.execute(text("update role set permissions = '{}' where name = 'admin'"))
        connection.execute(text("delete from role where name = 'viewer'"))
    bring_up_to_date(own_database_url)
    with engine.connect() as connection:
        kept = {row.name: row.permissions for row in connection.execute(text("select name, permissions from role"))}
    engine.dispose()
    assert {name: set(permissions) for name, permissions in kept.items()} == {
        role.name: set(role.permissions) for role in BUILT_IN_ROLES.values()
    }


#: Clerks for every shop: of no point, of one, one who chooses stores for all; packers of no point, one who sets them up.
NAMED_NOWHERE = (
    "insert into users (id, email, fs_uniquifier) values (61, 'a@x', 'a'), (62, 'b@x', 'b'), (63, 'c@x', 'c'),"
    " (64, 'd@x', 'd'), (65, 'e@x', 'e')",
    "insert into stock_point (id, code, name, kind) values (70, 'W', 'w', 'warehouse')",
    "insert into user_role (user_id, role_id) select u, id from role, unnest(array[61, 62, 63]) u where name = 'own'",
    "insert into user_role (user_id, role_id) select 63, id from role where name = 'ops_lead'",
    "insert into user_role (user_id, role_id) select u, id from role, unnest(array[64, 65]) u where name = 'warehouse'",
    "insert into role (name, permissions) values ('sets_up', array['packing.edit'])",
    "insert into user_role (user_id, role_id) select 65, id from role where name = 'sets_up'",
    "insert into user_point (user_id, stock_point_id) values (62, 70)",
)
NAMED = """select 'user' as kind, user_id as id, stock_point_id from user_point
union all select 'api', api_key_id, stock_point_id from api_key_point order by 1, 2, 3"""


def test_an_upgrade_takes_nothing_from_roles_and_keys_and_gives_back_nothing_that_was_taken_later(
    own_database_url: str,
) -> None:
    bring_up_to_date(own_database_url)
    engine = create_engine(own_database_url)
    could = ["rule.view", "rule.activate", "store.work"]
    with engine.begin() as connection:
        old = sorted(PERMISSIONS.keys() - SPLIT_OFF.keys())
        connection.execute(text("update role set permissions = :old where name = 'admin'"), {"old": old})
        connection.execute(text("update role set permissions = '{packing.work}' where name = 'warehouse'"))
        connection.execute(text("insert into role (name, permissions) values ('own', :may)"), {"may": could})
        key_id, _ = make_key(connection, "kept", could)
        for statement in NAMED_NOWHERE:
            connection.execute(text(statement))
        make_key(connection, "other", ["order.view"])
    kept = text("select name, permissions from role where name = 'own' union select name, permissions from api_key")
    bring_up_to_date(own_database_url)
    may = {*could, "sourcing.view", "sourcing.edit", "store.lead"}
    with engine.begin() as connection:
        found = {row.name: sorted(row.permissions) for row in connection.execute(kept)}
        assert found == {"own": sorted(may), "kept": sorted(may), "other": ["order.view"]}
        connection.execute(text("update role set permissions = :may where name = 'own'"), {"may": could})
    bring_up_to_date(own_database_url)
    with engine.connect() as connection:
        left = connection.scalar(text("select permissions from role where name = 'own'"))
        named = connection.execute(text(NAMED)).all()
    engine.dispose()
    assert left == could
    assert [tuple(row) for row in named] == [("api", key_id, 70), ("user", 61, 70), ("user", 62, 70), ("user", 64, 70)]


@pytest.mark.parametrize(("email", "role"), [("no-address", "admin"), ("a@b.example", "emperor")])
def test_add_names_the_field_that_is_wrong(hub: Hub, email: str, role: str) -> None:
    with pytest.raises(Invalid) as refused:
        ensure_user(hub, email, PASSWORD, role)
    assert refused.value.field == ("role" if role == "emperor" else "email")


def test_adding_again_changes_instead_of_doubling(hub: Hub) -> None:
    first = ensure_user(hub, "twice@example.com", PASSWORD, "viewer", "Once")
    second = ensure_user(hub, "TWICE@example.com", PASSWORD, "viewer", "Twice", shop_ids=[7])
    assert first == second
    with hub.begin() as connection:
        name, shops = connection.execute(
            text("select display_name, shop_ids from users u join user_role r on r.user_id = u.id where u.id = :id"),
            {"id": first},
        ).one()
    assert (name, shops) == ("Twice", [7])


def test_a_person_kept_out_cannot_sign_in_until_let_in(hub: Hub, app: Flask) -> None:
    ensure_user(hub, "out@example.com", PASSWORD, "viewer")
    run(hub, "active", "out@example.com", "--off")
    assert sign_in(app.test_client(), "out@example.com").status_code == 200
    run(hub, "active", "out@example.com", "--on")
    assert sign_in(app.test_client(), "out@example.com").status_code == 302
    with pytest.raises(NotFound):
        run(hub, "active", "ghost@example.com", "--off")


def test_a_key_opens_what_its_role_may_until_it_is_revoked(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    with hub.begin() as connection:
        shop, other = a_world(connection, hub.keys).shops
    run(hub, "key", "erp", "--role", "viewer", "--permission", "feed.view", "--shop", str(shop))
    words = capsys.readouterr().out
    key_id, made = words.split()[2], words.rpartition(": ")[2].strip()
    with hub.begin() as connection:
        found = find_key(connection, made, hub.clock())
    assert found is not None
    assert set(found.permissions) == BUILT_IN_ROLES["viewer"].permissions | {"feed.view"}
    assert found.allows("order.view", shop)
    assert not found.allows("order.view", other)
    run(hub, "revoke-key", key_id)
    with hub.begin() as connection:
        assert find_key(connection, made, hub.clock()) is None


@pytest.mark.parametrize("words", [("key", "none"), ("key", "x", "--permission", "no.such"), ("key", "x", "--role", "y")])
def test_a_key_that_opens_nothing_known_is_refused(hub: Hub, words: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        run(hub, *words)


@pytest.mark.parametrize("words", [("key", "x", "--role", "viewer"), ("add", "nowhere@example.com", "--password-stdin")])
def test_a_shop_that_is_not_there_is_refused(hub: Hub, words: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="no shop 77"):
        run(hub, *words, "--shop", "77")


def test_a_lost_second_factor_can_be_taken_away(hub: Hub) -> None:
    user_id = ensure_user(hub, "lost@example.com", PASSWORD, "viewer")
    with hub.begin() as connection:
        connection.execute(text("update users set tf_totp_secret = 'x', tf_primary_method = 'authenticator'"))
    run(hub, "reset-second-factor", "lost@example.com")
    with hub.begin() as connection:
        left = connection.execute(text("select tf_totp_secret from users where id = :id"), {"id": user_id}).scalar()
        connection.execute(text("update users set tf_totp_secret = null, tf_primary_method = null"))
    assert left is None


def an_account(*grants: tuple[str, list[str], list[int] | None]) -> Account:
    account = Account()
    account.id, account.display_name, account.locale, account.theme = 1, "A", "zh", "system"
    account.grants = []
    for name, permissions, shops in grants:
        grant, role = Grant(), GrantedRole()
        role.name, role.permissions = name, permissions
        grant.role, grant.shop_ids = role, shops
        account.grants.append(grant)
    return account


def test_roles_add_up_each_for_its_own_shops() -> None:
    person = person_of(
        an_account(("viewer", [], [1]), ("own", ["order.view", "order.cancel"], [2]), ("finance", [], None))
    )
    assert person.allows("order.view", 9)
    assert person.allows("order.cancel", 2)
    assert not person.allows("order.cancel", 1)
    assert not person.allows("people.view")


def test_a_role_given_for_some_shops_reaches_no_other() -> None:
    person = person_of(an_account(("viewer", [], [1, 2]), ("viewer", [], [3])))
    assert [shop for shop in range(6) if person.allows("order.view", shop)] == [1, 2, 3]


def test_what_the_database_says_of_a_built_in_role_does_not_matter() -> None:
    assert permissions_of("viewer", ["people.view"]) == BUILT_IN_ROLES["viewer"].permissions
    assert permissions_of("own", ["people.view", "no.such"]) == {"people.view"}
