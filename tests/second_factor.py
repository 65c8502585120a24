"""An authenticator app, as a phone has it: RFC 6238, written without the library that checks it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

from django.test import Client
from django.urls import reverse

SECRET = re.compile(r'id="totp-secret">([A-Z2-7]{32})<')


def code_of(secret: str, at: float | None = None) -> str:
    """The six digits that an app shows for a secret, now or at a time."""
    counter = int(time.time() if at is None else at) // 30
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def confirm_password(client: Client, password: str) -> None:
    assert client.post(reverse("account_reauthenticate"), {"password": password}).status_code == 302


def set_up(client: Client, password: str, at: float | None = None) -> str:
    """Set up an authenticator app for somebody who is signed in; its secret."""
    confirm_password(client, password)
    page = client.get(reverse("mfa_activate_totp"))
    secret = SECRET.search(page.content.decode())[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, at)})
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_view_recovery_codes"))
    return secret


def recovery_codes(client: Client) -> list[str]:
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    return re.findall(r'<span class="code">(\d{8})</span>', page)
