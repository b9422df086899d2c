"""What the settings pages show: shops with their accounts, and people with their roles."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from oms.app.kernel.queries.pages import AnyRow
from oms.db.channels import Account, Channel, Shop, UserGroup
from oms.db.people import Role, User, UserRole
from oms.db.stock import StockPool


def shops_with_accounts(connection: Connection) -> list[AnyRow]:
    """Every shop with its channel and account."""
    statement = (
        select(
            Shop.id,
            Shop.code,
            Shop.name,
            Shop.mode,
            Shop.timezone,
            Shop.currency,
            Channel.mark,
            Channel.vendor,
            Channel.label_zh,
            Channel.label_en,
            Shop.account_id,
            Account.name.label("account_name"),
            Account.state.label("account_state"),
            Account.paused_reason,
        )
        .join(Channel, Channel.id == Shop.channel_id)
        .join(Account, Account.id == Shop.account_id, isouter=True)
        .order_by(Shop.name, Shop.id)
    )
    return list(connection.execute(statement))


def shop(connection: Connection, shop_id: int) -> AnyRow | None:
    """A shop with the names of what it uses."""
    statement = (
        select(
            *Shop.__table__.c,
            Channel.mark,
            Channel.vendor,
            Account.settings.label("account_settings"),
            Channel.label_zh,
            Channel.label_en,
            Account.name.label("account_name"),
            Account.state.label("account_state"),
            Account.paused_reason,
            StockPool.name.label("pool_name"),
            UserGroup.name.label("user_group_name"),
        )
        .join(Channel, Channel.id == Shop.channel_id)
        .join(Account, Account.id == Shop.account_id, isouter=True)
        .join(StockPool, StockPool.id == Shop.stock_pool_id, isouter=True)
        .join(UserGroup, UserGroup.id == Shop.user_group_id, isouter=True)
        .where(Shop.id == shop_id)
    )
    return connection.execute(statement).one_or_none()


def stock_pools(connection: Connection) -> list[AnyRow]:
    """Every stock pool by name."""
    return list(connection.execute(select(StockPool.id, StockPool.name).order_by(StockPool.name, StockPool.id)))


def user_groups(connection: Connection) -> list[AnyRow]:
    """Every user group by name."""
    return list(connection.execute(select(UserGroup.id, UserGroup.name).order_by(UserGroup.name, UserGroup.id)))


def other_accounts(connection: Connection) -> list[AnyRow]:
    """Accounts of families without shops: warehouses, carriers."""
    statement = (
        select(Account.id, Account.name, Account.vendor, Account.family, Account.state, Account.paused_reason)
        .where(Account.family != "marketplace")
        .order_by(Account.family, Account.name)
    )
    return list(connection.execute(statement))


def account(connection: Connection, account_id: int) -> AnyRow | None:
    """An account without its secrets: only whether it has any."""
    columns = [column for column in Account.__table__.c if column.name != "sealed_secrets"]
    has_secrets = Account.sealed_secrets.is_not(None).label("has_secrets")
    return connection.execute(select(*columns, has_secrets).where(Account.id == account_id)).one_or_none()


def people(connection: Connection) -> list[AnyRow]:
    """Everyone with their roles' names."""
    statement = (
        select(
            User.id,
            User.display_name,
            User.email,
            User.active,
            User.tf_primary_method,
            User.last_login_at,
            func.coalesce(func.array_agg(Role.label_zh).filter(Role.id.is_not(None)), []).label("roles_zh"),
            func.coalesce(func.array_agg(Role.label_en).filter(Role.id.is_not(None)), []).label("roles_en"),
        )
        .join(UserRole, UserRole.user_id == User.id, isouter=True)
        .join(Role, Role.id == UserRole.role_id, isouter=True)
        .group_by(User.id)
        .order_by(User.display_name, User.id)
    )
    return list(connection.execute(statement))
