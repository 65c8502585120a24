"""How host names are written. Pure functions."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
#: Two labels at least, the last beginning with a letter, so that no address of a machine is meant.
PATTERN = rf"^({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?$"
LONGEST = 253


def host_name(text: str) -> str:
    """A host name in lower case, in the letters of the DNS (IDNA); ValueError says what is wrong with it."""
    typed = text.strip().rstrip(".").lower()
    if "/" in typed or "@" in typed:
        raise ValueError(f"“{text}” is an address; give the host name alone, such as care.clinic.example.")
    if ":" in typed:
        raise ValueError(f"“{text}” names a port or the address of a machine; give the name alone.")
    try:
        name = typed.encode("idna").decode() if typed else ""
        back = name.encode().decode("idna")
    except UnicodeError:
        name = back = ""
    if name and typed not in (name, back):  # browsers write “ß” and a few others in a way of their own
        raise ValueError(f"“{text}” is written differently here and there; give it as xn--….")
    if len(name) > LONGEST or not re.match(PATTERN, name):
        raise ValueError(f"“{text}” is no host name, such as care.clinic.example.")
    return name


def is_of_installation(name: str, own_hosts: list[str]) -> bool:
    """Is it one of the installation's own names, or below one?"""
    own = (host.lstrip(".").lower() for host in own_hosts if host not in ("*", "localhost"))
    return any(name == host or name.endswith(f".{host}") for host in own)


def address_at(name: str, base_url: str) -> str:
    """Where a host name is reached: as the installation is, under the other name."""
    base = urlsplit(base_url)
    port = f":{base.port}" if base.port else ""
    return urlunsplit((base.scheme, f"{name}{port}", "", "", ""))
