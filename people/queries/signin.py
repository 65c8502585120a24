"""What a session tells about how its person signed in."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator

from people.middleware import IDLEST, STARTED

METHODS = ("password", "code")


def signed_in_by(request: Any) -> str:
    """The way by which the session was opened: one of `METHODS`, or nothing that is known."""
    ways = [
        record["method"]
        for record in get_authentication_records(request, request.user)
        if record["method"] in METHODS and not record.get("reauthenticated")
    ]
    return ways[-1] if ways else ""


def has_second_factor(user_id: int) -> bool:
    return bool(Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists())


def used_second_factor(request: Any) -> bool:
    """Did this session ask for the person's second factor, and get it?"""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def longest_pause(request: Any) -> int:
    """The longest time that the session was not used, in seconds."""
    return int(request.session.get(IDLEST, 0))


def seconds_signed_in(request: Any) -> int:
    now = int(time.time())
    return now - int(request.session.get(STARTED, now))
