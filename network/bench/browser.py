"""One signed-in person's requests, straight into the WSGI application: the whole stack, and no network between."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest

from core.actors import UserActor
from network.wsgi import application
from orgs.middleware import SESSION_KEY
from people.models import User

CSRF_SECRET = "b" * 32
OK, REDIRECT = 200, 302


class UnexpectedAnswerError(Exception):
    """A page did not answer as it should; a figure of an error page would mean nothing."""


@dataclass(frozen=True)
class Answer:
    """What one request took: milliseconds on the server until the last byte, queries (0 unless counted), bytes."""

    status: int
    location: str
    milliseconds: float
    queries: int
    size: int


class Browser:
    """A person's session. Cookies stay as they were at sign-in."""

    def __init__(self, user: User, network_id: int) -> None:
        request = HttpRequest()
        request.session = SessionStore()
        login(request, user, backend="people.backends.EmailBackend")
        request.session[SESSION_KEY] = network_id
        request.session.save()
        self.network_id = network_id
        self.user = user
        session, csrf = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
        self.cookies = f"{session}={request.session.session_key}; {csrf}={CSRF_SECRET}"

    @property
    def actor(self) -> UserActor:
        """The person as actions and queries know them; what they hold is read anew."""
        return UserActor.of(self.user.pk, self.user.name)

    def get(self, url: str, *, counted: bool = False) -> Answer:
        return self._ask("GET", url, b"", OK, counted=counted)

    def post(self, url: str, data: dict[str, Any], *, counted: bool = False, stays: bool = False) -> Answer:
        """Send a form as its page would; it has to be accepted, so that the answer leads elsewhere, or `stays`."""
        fields = data | {"_network": self.network_id, "csrfmiddlewaretoken": CSRF_SECRET}
        return self._ask(
            "POST", url, urlencode(fields, doseq=True).encode(), OK if stays else REDIRECT, counted=counted
        )

    def _ask(self, method: str, url: str, body: bytes, expected: int, *, counted: bool) -> Answer:
        environ = self._environ(method, url, body)
        if not counted:
            answer = _call(environ)
        else:
            queries = _Counter()
            with connection.execute_wrapper(queries):
                answer = _call(environ, queries)
        if answer.status != expected:
            raise UnexpectedAnswerError(f"{method} {url} answered {answer.status} instead of {expected}.")
        return answer

    def _environ(self, method: str, url: str, body: bytes) -> dict[str, Any]:
        base, asked = urlsplit(settings.BASE_URL), urlsplit(url)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": asked.path,
            "QUERY_STRING": asked.query,
            "HTTP_HOST": base.netloc,
            "HTTP_ORIGIN": f"{base.scheme}://{base.netloc}",
            "HTTP_REFERER": settings.BASE_URL + "/",
            "HTTP_COOKIE": self.cookies,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": base.scheme,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
        }
        setup_testing_defaults(environ)
        return environ


class _Counter:
    """Counts the statements that go to the database."""

    number = 0

    def __call__(self, execute: Any, statement: Any, parameters: Any, many: Any, context: Any) -> Any:
        self.number += 1
        return execute(statement, parameters, many, context)


def _call(environ: dict[str, Any], queries: _Counter | None = None) -> Answer:
    status = 0
    location = ""

    def start_response(line: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
        nonlocal status, location
        status, location = int(line[:3]), dict(headers).get("Location", "")

    begun = time.perf_counter()
    response = application(environ, start_response)
    size = sum(len(chunk) for chunk in response)
    close = getattr(response, "close", None)
    if close:
        close()
    took = (time.perf_counter() - begun) * 1000
    return Answer(status, location, took, queries.number if queries else 0, size)
