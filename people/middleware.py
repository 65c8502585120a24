"""Sessions end: this is how long the product allows at most; each network says how long it does.

A session also remembers its longest pause, so that a network may judge it whichever page woke it up.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

STARTED = "started_at"
IDLEST = "longest_pause"
_SEEN = "seen_at"
_STEP = 60  # seconds between two writes of the session


class SessionAgeMiddleware:
    """Sign out a session that is too old or has been idle too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if session.get("_auth_user_id"):
            now = int(time.time())
            started = session.setdefault(STARTED, now)
            pause = now - session.get(_SEEN, now)
            if pause > settings.SESSION_IDLE_SECONDS or now - started > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif _SEEN not in session or pause > _STEP:
                session[_SEEN] = now
                if pause > session.get(IDLEST, 0):
                    session[IDLEST] = pause
        return self.get_response(request)
