"""Sessions end: after 30 minutes idle and 12 hours in all."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

_STARTED = "started_at"
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
            started = session.setdefault(_STARTED, now)
            seen = session.get(_SEEN, now)
            if now - seen > settings.SESSION_IDLE_SECONDS or now - started > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif _SEEN not in session or now - seen > _STEP:
                session[_SEEN] = now
        return self.get_response(request)
