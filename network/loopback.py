"""The console served by this process on the loopback, for as long as somebody needs it: screenshots and browser tests."""

from __future__ import annotations

from threading import Thread
from typing import Any

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing of each request."""


class Loopback:
    """Use as a context; `url` is where it listens. Addresses in mail lead here meanwhile.

    Every request has a database connection of its own and gives it back, so that the database can be switched or
    dropped between two requests.
    """

    url: str

    def __enter__(self) -> Loopback:
        self._server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet, ipv6=False)
        self._server.set_app(get_internal_wsgi_application())
        self._before = settings.BASE_URL, settings.DATABASES["default"]["CONN_MAX_AGE"]
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        settings.BASE_URL = self.url
        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        settings.BASE_URL, settings.DATABASES["default"]["CONN_MAX_AGE"] = self._before
