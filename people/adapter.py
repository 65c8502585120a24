"""How allauth behaves here: no sign-up, mail goes through our queue, links come from configuration."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string

from work.actions.mail import queue_mail


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation, so nobody signs up; messages are text, queued, and sent by the worker."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the mail, on the configured address whatever host the request named."""
        here: str = super().get_reset_password_from_key_url(key)
        return settings.BASE_URL + urlsplit(here).path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        values = {"base_url": settings.BASE_URL} | context
        subject = render_to_string(f"{template_prefix}_subject.txt", values)
        body = render_to_string(f"{template_prefix}_message.txt", values)
        queue_mail(email, subject, body)
