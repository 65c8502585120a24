"""Reads the environment, strictly: what is set is valid or named in a clear message, what is not has a safe default.

Without DATABASE_URL the project runs in embedded mode: its own PostgreSQL and Redis, started when somebody needs them.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from network.services.layout import Layout
from network.services.redis import redis_socket
from network.services.roles import MIGRATOR, WEB

DATABASE_NAME = "caretree"

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}
_DATABASE_OPTIONS = {
    "application_name",
    "channel_binding",
    "connect_timeout",
    "gssencmode",
    "keepalives_idle",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
}
_LONGEST_IDLE = 600


class Misconfigured(ImproperlyConfigured):
    """A variable of the environment that can't be used, by name, with its value unless that is a secret."""

    def __init__(self, name: str, problem: str, *, value: str | None = None) -> None:
        told = "" if value is None else f"={value!r}"
        super().__init__(f"{name}{told}: {problem}")


def text(name: str, *, default: str) -> str:
    """The variable, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name, default="")
    if not value:
        return default
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise Misconfigured(name, "is neither yes (1, true, yes, on) nor no (0, false, no, off)", value=value)


def integer(name: str, *, default: int, smallest: int, largest: int) -> int:
    value = text(name, default=str(default))
    # isdecimal alone would let other scripts' digits through.
    if not (value.isascii() and value.isdecimal() and smallest <= int(value) <= largest):
        raise Misconfigured(name, f"is not a whole number from {smallest} to {largest}", value=value)
    return int(value)


def words(name: str, *, default: list[str]) -> list[str]:
    """A list separated by commas."""
    value = text(name, default="")
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def port() -> int:
    return integer("PORT", default=8000, smallest=1, largest=65535)


def base_url() -> str:
    """Where people reach the console, without a slash at the end; links in mail are built from it."""
    value = text("BASE_URL", default=f"http://127.0.0.1:{port()}")
    parts = _parts("BASE_URL", value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured("BASE_URL", "is not an address like https://console.example.org", value=value)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise Misconfigured("BASE_URL", "names a path; the console needs a host of its own", value=value)
    return value.rstrip("/")


def allowed_hosts() -> list[str]:
    """ALLOWED_HOSTS, or the host of BASE_URL and this machine's own names."""
    own = urlsplit(base_url()).hostname or ""
    return words("ALLOWED_HOSTS", default=sorted({own, "127.0.0.1", "localhost", "[::1]"}))


def secret_key() -> str:
    """SECRET_KEY, or one made for this checkout on first use and kept in `var/`."""
    value = text("SECRET_KEY", default="")
    if value:
        if len(value) < 50 or len(set(value)) < 5:
            raise Misconfigured(
                "SECRET_KEY", "is too short or too uniform; give at least 50 random characters"
            )
        return value
    return _kept_secret(Layout.default().var / "secret_key")


def is_embedded() -> bool:
    return not text("DATABASE_URL", default="")


def embedded_services() -> tuple[str, ...]:
    """The services that no address names, so that we run them ourselves."""
    addresses = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}
    return tuple(service for service, name in addresses.items() if not text(name, default=""))


def database_settings() -> dict[str, dict[str, Any]]:
    """Django's DATABASES: "default" logs in as the web role, "migrator" as the one that changes the schema."""
    logins = {"default": ("DATABASE_URL", WEB), "migrator": ("DATABASE_MIGRATOR_URL", MIGRATOR)}
    if is_embedded() and text("DATABASE_MIGRATOR_URL", default=""):
        raise Misconfigured("DATABASE_MIGRATOR_URL", "is set, and DATABASE_URL is not; set both or neither")
    return {alias: _database(variable, role) for alias, (variable, role) in logins.items()}


def cache_settings() -> dict[str, dict[str, Any]]:
    """Django's CACHES. Short time-outs: a page does without the cache rather than wait for it."""
    location = _redis_url() or f"unix://{redis_socket(Layout.default())}"
    options = {"socket_timeout": 1, "socket_connect_timeout": 1}
    return {
        "default": {
            "BACKEND": "core.cache.LenientRedisCache",
            "LOCATION": location,
            "KEY_PREFIX": "caretree",
            "OPTIONS": options,
        }
    }


def broker_url() -> str:
    return _redis_url() or f"redis+socket://{redis_socket(Layout.default())}"


def email_settings(folder: Path) -> dict[str, Any]:
    """How mail leaves: EMAIL_URL, or in embedded mode files in the folder, or this machine's mail server."""
    value = text("EMAIL_URL", default="" if is_embedded() else "smtp://localhost:25")
    if not value:
        return {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "FILE_PATH": str(folder)}
    if value == "console:":
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = _parts("EMAIL_URL", value)
    if parts.scheme not in {"smtp", "smtp+tls", "smtps"} or not parts.hostname:
        raise Misconfigured(
            "EMAIL_URL", "is not console: or smtp://, smtp+tls:// or smtps:// with user:password@host:port"
        )
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "HOST": parts.hostname,
        "PORT": _port_of("EMAIL_URL", value) or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "TLS": parts.scheme == "smtp+tls",
        "SSL": parts.scheme == "smtps",
    }


def _database(variable: str, role: str) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "ENGINE": "network.services.database",
        "NAME": DATABASE_NAME,
        "USER": role,
        # Kept open between requests, and tried before each, so that a restarted database is no error page.
        "CONN_MAX_AGE": _LONGEST_IDLE if role == WEB else 0,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"connect_timeout": "10", "application_name": role},
        # What our own back end reads (network/services/database/base.py).
        "EMBEDDED": embedded_services() if is_embedded() else (),
        "MUST_BE_BOUND": role == WEB,
    }
    if is_embedded():
        # Nothing stands between us and this server that would lose the statements it prepared: a posting costs less.
        settings["OPTIONS"]["prepare_threshold"] = 2
        return settings | {"HOST": str(Layout.default().sockets("postgres"))}
    value = text(variable, default="")
    if not value:
        return settings | {
            "MISSING": f"{variable} is not set. It logs in as {role}, for what DATABASE_URL may not do."
        }
    address, options = _parse_database(variable, value)
    return settings | address | {"OPTIONS": settings["OPTIONS"] | options}


def _parse_database(variable: str, value: str) -> tuple[dict[str, Any], dict[str, str]]:
    parts = _parts(variable, value)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise Misconfigured(variable, "is not an address like postgresql://user:password@host:5432/database")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted(options.keys() - _DATABASE_OPTIONS):
        raise Misconfigured(variable, f"has options that mean nothing here: {', '.join(unknown)}")
    # Not `parts.hostname`: that lowers the case, and a host may be the folder of a socket.
    host = parts.netloc.rpartition("@")[2]
    number = _port_of(variable, value)
    if number is not None:
        host = host.rpartition(":")[0]
    address = {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host).strip("[]"),
        "PORT": str(number or ""),
    }
    if not address["USER"]:
        raise Misconfigured(variable, "names no user to log in as")
    return address, options


def _redis_url() -> str:
    value = text("REDIS_URL", default="")
    if value:
        parts = _parts("REDIS_URL", value)
        if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
            raise Misconfigured("REDIS_URL", "is not an address like redis://user:password@host:6379/0")
        _port_of("REDIS_URL", value)
    return value


def _parts(variable: str, value: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError as error:  # brackets that hold no IPv6 address
        raise Misconfigured(variable, "is not an address") from error


def _port_of(variable: str, value: str) -> int | None:
    try:
        return urlsplit(value).port
    except ValueError as error:
        raise Misconfigured(variable, "has a port that is not a number from 0 to 65535") from error


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Made beside its place and linked there: of several first processes one wins, and all read the winner's.
        own = path.with_name(f"{path.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(own)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_text()
