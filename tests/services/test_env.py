"""The environment is read strictly: a bad value is named, with what would be right; secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from network import env

NAMES = (
    *("DATABASE_URL", "DATABASE_MIGRATOR_URL", "REDIS_URL", "PORT", "SECRET_KEY", "DEBUG"),
    *("BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "CARETREE_VAR"),
)
WEB_URL = "postgresql://caretree_web:p%40ss@db.example.org:6432/care?sslmode=require"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARETREE_VAR", str(tmp_path))


@pytest.mark.parametrize(
    ("name", "value", "read", "problem"),
    [
        ("DEBUG", "maybe", lambda: env.flag("DEBUG", default=False), "DEBUG='maybe': is neither yes"),
        ("PORT", "eighty", env.port, "PORT='eighty': is not a whole number from 1 to 65535"),
        ("PORT", "0", env.port, "PORT='0'"),
        ("PORT", "70000", env.port, "PORT='70000'"),
        ("PORT", "٨٠٠٠", env.port, "PORT="),
        (
            "BASE_URL",
            "console.example.org",
            env.base_url,
            "BASE_URL='console.example.org': is not an address",
        ),
        ("BASE_URL", "https://example.org/care", env.base_url, "names a path"),
        ("REDIS_URL", "localhost:6379", env.broker_url, "REDIS_URL: is not an address"),
        ("REDIS_URL", "redis://localhost:port", env.broker_url, "REDIS_URL: has a port"),
        ("EMAIL_URL", "mail.example.org", lambda: env.email_settings(Path("mail")), "EMAIL_URL: is not"),
        ("SECRET_KEY", "short", env.secret_key, "SECRET_KEY: is too short"),
        ("DATABASE_URL", "mysql://me@here/care", env.database_settings, "DATABASE_URL: is not an address"),
        ("DATABASE_URL", "postgresql://me@here/", env.database_settings, "DATABASE_URL: is not an address"),
        ("DATABASE_URL", "postgresql://here/care", env.database_settings, "DATABASE_URL: names no user"),
        ("DATABASE_URL", "postgresql://me@here:x/care", env.database_settings, "DATABASE_URL: has a port"),
        ("DATABASE_URL", "postgresql://me@here/care?ssl=1", env.database_settings, "mean nothing here: ssl"),
        ("DATABASE_MIGRATOR_URL", WEB_URL, env.database_settings, "set both or neither"),
    ],
)
def test_a_bad_value_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, read, problem: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(env.Misconfigured) as refusal:
        read()
    assert problem in str(refusal.value)


def test_a_refusal_tells_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hush@here:x/care")
    with pytest.raises(env.Misconfigured) as refusal:
        env.database_settings()
    assert "hush" not in str(refusal.value)


def test_empty_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES[:-1]:
        monkeypatch.setenv(name, "")
    assert env.port() == 8000
    assert env.is_embedded()
    assert env.base_url() == "http://127.0.0.1:8000"
    assert env.flag("DEBUG", default=True) is True


def test_without_addresses_both_services_are_ours(tmp_path: Path) -> None:
    assert env.embedded_services() == ("postgres", "redis")
    web, migrator = env.database_settings()["default"], env.database_settings()["migrator"]
    assert (web["USER"], migrator["USER"]) == ("caretree_web", "caretree_migrator")
    assert web["HOST"] == str(tmp_path / "run" / "postgres")
    assert web["MUST_BE_BOUND"]
    assert not migrator["MUST_BE_BOUND"]
    assert env.broker_url() == f"redis+socket://{tmp_path}/run/redis/redis.sock"


def test_an_address_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", WEB_URL)
    web = env.database_settings()["default"]
    assert {name: web[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "care",
        "USER": "caretree_web",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": "6432",
    }
    assert web["OPTIONS"]["sslmode"] == "require"
    assert web["EMBEDDED"] == ()
    assert env.embedded_services() == ("redis",)


@pytest.mark.parametrize(
    ("host", "read"), [("%2FRun%2FPG", "/Run/PG"), ("[::1]", "::1"), ("[::1]:5433", "::1"), ("", "")]
)
def test_a_host_may_be_a_folder_or_a_number(monkeypatch: pytest.MonkeyPatch, host: str, read: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://me@{host}/care")
    assert env.database_settings()["default"]["HOST"] == read


def test_mail_goes_where_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert env.email_settings(tmp_path)["FILE_PATH"] == str(tmp_path)
    monkeypatch.setenv("DATABASE_URL", WEB_URL)
    assert env.email_settings(tmp_path)["HOST"] == "localhost"
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://me:p%40ss@mail.example.org")
    told = env.email_settings(tmp_path)
    assert (told["PASSWORD"], told["PORT"], told["TLS"], told["SSL"]) == ("p@ss", 587, True, False)


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    assert env.secret_key() == env.secret_key()
    assert len(env.secret_key()) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
