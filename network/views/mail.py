"""Mail of embedded development, readable in the browser; absent where a real mail server is set."""

from __future__ import annotations

import email
import email.policy
import ipaddress
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.generic import View


class DevelopmentOnly(View):
    """Public, because one needs the mail to sign in; answers on the loopback only."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not ipaddress.ip_address(request.META.get("REMOTE_ADDR", "0.0.0.0")).is_loopback:  # noqa: S104
            raise Http404
        return super().dispatch(request, *args, **kwargs)


def _messages() -> list[tuple[str, EmailMessage]]:
    folder = Path(str(settings.DEV_MAIL))
    found: list[tuple[str, EmailMessage]] = []
    for path in sorted(folder.glob("*.log"), reverse=True)[:200]:
        parts = re.split(rb"\n-{79}\n", path.read_bytes())
        messages = [
            email.message_from_bytes(part.strip(), policy=email.policy.default)
            for part in parts
            if part.strip()
        ]
        found += [
            (f"{path.stem}.{number}", message) for number, message in reversed(list(enumerate(messages)))
        ]
    return found


@method_decorator(login_not_required, name="dispatch")
class MailList(DevelopmentOnly):
    def get(self, request: Any) -> HttpResponse:
        return render(
            request,
            "dev_mail.html",
            {
                "messages_found": [
                    {
                        "name": name,
                        "to": message["To"],
                        "subject": message["Subject"],
                        "date": message["Date"],
                    }
                    for name, message in _messages()
                ]
            },
        )


@method_decorator(login_not_required, name="dispatch")
class MailPage(DevelopmentOnly):
    def get(self, request: Any, name: str) -> HttpResponse:
        message = next((message for found, message in _messages() if found == name), None)
        if message is None:
            raise Http404
        body = message.get_body(("plain",))
        text = body.get_content() if body else ""
        return render(
            request,
            "dev_mail_page.html",
            {"subject": message["Subject"], "to": message["To"], "parts": _linked(text)},
        )


def _linked(text: str) -> list[tuple[bool, str]]:
    """The text in pieces, each a link of ours or plain text."""
    pieces = re.split(rf"({re.escape(settings.BASE_URL)}/\S*)", text)
    return [(piece.startswith(settings.BASE_URL + "/"), piece) for piece in pieces if piece]
