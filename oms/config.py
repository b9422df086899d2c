"""Settings, read once from the environment; nothing else in the hub looks at environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from oms.domain.errors import ConfigError

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
DATABASE_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an administrator may choose; docs/settings.md explains each one.

    Paths are absolute. `database_url` is None when the embedded server is wanted, else it has the form
    SQLAlchemy takes (`postgresql+psycopg://…`); `plain_url` turns it into the form psycopg takes.
    """

    home: Path
    database_url: str | None
    database_pool_url: str | None
    master_key_file: Path
    secret_key_file: Path
    host: str
    port: int
    public_url: str
    web_processes: int
    web_threads: int
    workers: int
    worker_threads: int
    allow_private_addresses: bool
    extra_connectors: tuple[str, ...]
    log_level: str
    log_json: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `environ` (the process's own by default), or raise ConfigError."""
        read = _Reader(os.environ if environ is None else environ)
        home = read.path("OMS_HOME", Path("var"))
        host = read.text("OMS_HOST", "127.0.0.1")
        port = read.number("OMS_PORT", 8800, low=1, high=65535)
        return cls(
            home=home,
            database_url=read.database_url("DATABASE_URL"),
            database_pool_url=read.database_url("DATABASE_POOL_URL"),
            master_key_file=read.path("OMS_MASTER_KEY_FILE", home / "keys" / "master.json"),
            secret_key_file=read.path("OMS_SECRET_KEY_FILE", home / "keys" / "session.key"),
            host=host,
            port=port,
            public_url=read.web_url("OMS_PUBLIC_URL", _local_url(host, port)),
            web_processes=read.number("OMS_WEB_PROCESSES", 1, low=1, high=64),
            web_threads=read.number("OMS_WEB_THREADS", 8, low=1, high=256),
            workers=read.number("OMS_WORKERS", 2, low=0, high=64),
            worker_threads=read.number("OMS_WORKER_THREADS", 4, low=1, high=64),
            allow_private_addresses=read.switch("OMS_ALLOW_PRIVATE_ADDRESSES", False),
            extra_connectors=read.modules("OMS_EXTRA_CONNECTORS"),
            log_level=read.choice("OMS_LOG_LEVEL", "INFO", LOG_LEVELS),
            log_json=read.switch("OMS_LOG_JSON", False),
        )

    @property
    def embedded_folder(self) -> Path:
        """Where the embedded PostgreSQL keeps its files."""
        return self.home / "postgres"

    @property
    def log_folder(self) -> Path:
        return self.home / "log"

    @property
    def run_folder(self) -> Path:
        """Lock and status files of the running `oms up`."""
        return self.home / "run"


def environment_name(field_name: str) -> str:
    """The environment variable a field of Settings is read from."""
    name = field_name.upper()
    return name if name.startswith("DATABASE_") else f"OMS_{name}"


def environment_names() -> tuple[str, ...]:
    """All variables that Settings reads, in the order of its fields."""
    return tuple(environment_name(field.name) for field in fields(Settings))


def plain_url(database_url: str) -> str:
    """The same address without the driver's name, as psycopg and procrastinate take it."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def sqlalchemy_url(database_url: str) -> str:
    """The same address with the driver's name, as SQLAlchemy takes it."""
    _, _, rest = database_url.partition("://")
    return f"postgresql+psycopg://{rest}"


def _local_url(host: str, port: int) -> str:
    reachable = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


class _Reader:
    """Reads one variable at a time; an empty value counts as unset."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().absolute()

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ConfigError(f"{name} is {text!r}.", f"Set it to a whole number from {low} to {high}.")
        return int(text)

    def switch(self, name: str, default: bool) -> bool:
        text = self.text(name, "1" if default else "0").lower()
        if text not in TRUE_WORDS | FALSE_WORDS:
            raise ConfigError(f"{name} is {text!r}.", "Set it to 1 or 0.")
        return text in TRUE_WORDS

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(name, default).upper()
        if text not in allowed:
            raise ConfigError(f"{name} is {text!r}.", f"Set it to one of {', '.join(allowed)}.")
        return text

    def modules(self, name: str) -> tuple[str, ...]:
        words = tuple(word.strip() for word in self.text(name, "").split(",") if word.strip())
        for word in words:
            if not all(part.isidentifier() for part in word.split(".")):
                remedy = "Write Python modules separated by commas, like acme_oms.shop,acme_oms.carrier."
                raise ConfigError(f"{name} names {word!r}, which cannot be a Python module.", remedy)
        return words

    def web_url(self, name: str, default: str) -> str:
        text = self.text(name, default).rstrip("/")
        parts = _split(text)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{name} is {text!r}.", "Set it to an address like https://oms.example.com.")
        return text

    def database_url(self, name: str) -> str | None:
        """Refusals never repeat the value: it holds a password."""
        text = self.text(name, "")
        if not text:
            return None
        remedy = "Write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, or unset it for the embedded server."
        parts = _split(text)
        if parts is None or parts.scheme not in DATABASE_SCHEMES:
            raise ConfigError(f"{name} is not the address of a PostgreSQL database.", remedy)
        if not parts.path.strip("/"):
            raise ConfigError(f"{name} names no database.", remedy)
        return sqlalchemy_url(text)


def _split(text: str) -> SplitResult | None:
    """The parts of an address, or None when it has none (a bad port raises only when it is read)."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts
