"""Settings: what is read, what is refused, and that every one is documented."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from oms.config import Settings, environment_names, plain_url
from oms.domain.errors import ConfigError
from oms.keyfiles import create_missing_keys, load_master_keys, load_secret_key

ROOT = Path(__file__).resolve().parents[2]


def test_defaults_need_no_environment() -> None:
    settings = Settings.from_env({})
    assert settings.database_url is None
    assert settings.public_url == "http://127.0.0.1:8800"
    assert settings.home == Path("var").absolute()
    assert settings.master_key_file == settings.home / "keys" / "master.json"
    assert not settings.allow_private_addresses


def test_empty_values_count_as_unset() -> None:
    assert Settings.from_env({"OMS_PORT": " ", "DATABASE_URL": ""}) == Settings.from_env({})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_addresses_are_brought_to_one_form(scheme: str) -> None:
    settings = Settings.from_env({"DATABASE_URL": f"{scheme}://u:p@db:5433/oms?sslmode=require"})
    assert settings.database_url == "postgresql+psycopg://u:p@db:5433/oms?sslmode=require"
    assert plain_url(settings.database_url) == "postgresql://u:p@db:5433/oms?sslmode=require"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OMS_PORT", "eighty"),
        ("OMS_PORT", "65536"),
        ("OMS_PORT", "٨٠"),
        ("OMS_WORKERS", "-1"),
        ("OMS_WORKER_THREADS", "0"),
        ("OMS_ALLOW_PRIVATE_ADDRESSES", "perhaps"),
        ("OMS_LOG_JSON", "2"),
        ("OMS_LOG_LEVEL", "LOUD"),
        ("OMS_EXTRA_CONNECTORS", "acme.shop,not a module"),
        ("OMS_PUBLIC_URL", "oms.example.com"),
        ("OMS_PUBLIC_URL", "https://oms.example.com:port"),
        ("DATABASE_URL", "mysql://u:p@db/oms"),
        ("DATABASE_URL", "postgresql://u:p@db"),
        ("DATABASE_POOL_URL", "pool"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_a_remedy(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        Settings.from_env({name: value})
    assert name in str(refusal.value)
    assert refusal.value.remedy


def test_a_refused_database_address_does_not_show_its_password() -> None:
    with pytest.raises(ConfigError) as refusal:
        Settings.from_env({"DATABASE_URL": "mysql://u:open-sesame@db/oms"})
    assert "open-sesame" not in f"{refusal.value} {refusal.value.remedy}"


def test_keys_are_made_once_and_are_private(settings: Settings) -> None:
    assert create_missing_keys(settings) == [settings.master_key_file, settings.secret_key_file]
    keys = load_master_keys(settings.master_key_file)
    assert len(keys.keys[keys.current]) == 32
    assert settings.master_key_file.stat().st_mode & 0o777 == 0o600
    assert settings.secret_key_file.stat().st_mode & 0o777 == 0o600
    assert create_missing_keys(settings) == []
    assert load_master_keys(settings.master_key_file) == keys
    assert sorted(path.name for path in settings.master_key_file.parent.iterdir()) == ["master.json", "session.key"]


def test_master_keys_do_not_show_in_their_repr(settings: Settings) -> None:
    create_missing_keys(settings)
    keys = load_master_keys(settings.master_key_file)
    assert "keys={" not in repr(keys)


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        '{"current": "k1", "keys": {"k1": "c2hvcnQ="}}',
        '{"current": "k1", "keys": {"k1": "*"}}',
        json.dumps({"current": "k2", "keys": {"k1": "A" * 43 + "="}}),
    ],
)
def test_a_damaged_master_key_file_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="OMS_MASTER_KEY_FILE") as refusal:
        load_master_keys(path)
    assert content not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_missing_and_short_secret_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no key file"):
        load_secret_key(tmp_path / "none")
    (tmp_path / "short").write_text("abc")
    with pytest.raises(ConfigError, match="fewer than 32"):
        load_secret_key(tmp_path / "short")


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    documented = re.findall(r"^\| `([A-Z_]+)` \|", page, flags=re.MULTILINE)
    assert sorted(documented) == sorted(environment_names())


def test_documented_defaults_are_the_real_ones() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", page, flags=re.MULTILINE))
    given = {name: cell.strip().strip("`") for name, cell in table.items() if cell.strip().startswith("`")}
    assert len(given) > 10
    assert Settings.from_env(given) == Settings.from_env({})
