"""Watches browser contexts: whatever the console, the page or the server complained of fails the test."""

from __future__ import annotations

import re
import traceback
from typing import Any

from django.core.signals import got_request_exception

#: A refused or a stale form is an answer; Chromium writes a line about every one of them.
ANSWERS = re.compile(r"responded with a status of (409|422) ")


class Watch:
    """What was complained of, over all pages of a test."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._contexts: list[Any] = []

    def over(self, context: Any) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        self._contexts.append(context)

    def _error(self, error: Any) -> None:
        self.complaints.append(f"page error: {error.error}")

    def _console(self, message: Any) -> None:
        # A violation of the content security policy is an error of the console as well.
        if message.type == "error" and not ANSWERS.search(message.text):
            place = message.location.get("url", "")
            self.complaints.append(f"console: {message.text} ({place})")

    def _fault(self, sender: Any, **kwargs: Any) -> None:
        self.complaints.append("server:\n" + traceback.format_exc(limit=-8))

    def __enter__(self) -> Watch:
        got_request_exception.connect(self._fault)
        return self

    def __exit__(self, *_: object) -> None:
        got_request_exception.disconnect(self._fault)
        for context in self._contexts:
            context.remove_listener("console", self._console)
            context.remove_listener("weberror", self._error)

    def forgive(self, text: str) -> None:
        """Drop the complaints that a test provoked on purpose; fails when there was none."""
        left = [complaint for complaint in self.complaints if text not in complaint]
        assert len(left) < len(self.complaints), f"nobody complained of “{text}”: {self.complaints}"
        self.complaints[:] = left

    def assert_silent(self) -> None:
        assert not self.complaints, "\n".join(self.complaints)
