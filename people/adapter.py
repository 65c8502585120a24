"""How allauth behaves here: no sign-up, mail goes through our queue, links come from configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.template.loader import render_to_string

from core.locale import DEFAULT, using
from work.actions.mail import INSTALLATION, Letterhead, queue_mail


@dataclass(frozen=True)
class MailLook:
    """Whose letterhead a mail has, from whom it comes (empty: the server's own name), what stands at its end, and how
    it writes dates."""

    head: Letterhead = INSTALLATION
    sender: str = ""
    ending: str = ""
    locale: str = DEFAULT


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation, so nobody signs up; messages are queued, and sent by the worker."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the mail: on the configured address, or at a confirmed host name if it was asked for there."""
        here: str = super().get_reset_password_from_key_url(key)
        return str(self.request.base_url) + urlsplit(here).path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        look = self.look_for(email)
        values = {"site_name": look.head.name} | context
        with using(look.locale):
            subject = render_to_string(f"{template_prefix}_subject.txt", values)
            body = render_to_string(f"{template_prefix}_message.txt", values)
        queue_mail(email, subject, body + look.ending, from_name=look.sender, head=look.head)

    def look_for(self, email: str) -> MailLook:
        """In whose name a person gets mail about their sign-in: here always the installation's."""
        return MailLook()
