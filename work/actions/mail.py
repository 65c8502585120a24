"""Mail: queued in the transaction, sent by the worker; nothing calls out inside a request."""

from __future__ import annotations

from datetime import timedelta
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from work.models import Mail

MAX_ATTEMPTS = 8
LONGEST_NAME = 60


def queue_mail(to: str, subject: str, body: str, *, from_name: str = "") -> None:
    """Queue one plain-text message; line breaks can't get into the subject or the sender.

    `from_name` is the name before the server's own address; without one the server's name stands there.
    """
    subject = " ".join(subject.split())[:200]
    Mail.objects.create(to=to, subject=subject, body=body, sender=_sender(from_name))


def _sender(name: str) -> str:
    """The sender as a header wants it, the name quoted where it must be; empty for the server's own."""
    visible = "".join(char if char.isprintable() else " " for char in name)
    shown = " ".join(visible.split())[:LONGEST_NAME]
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return str(Address(shown, addr_spec=address)) if shown else ""


def send_due_mail(limit: int = 50) -> int:
    """Send what is due and delete it; a failure waits longer each time. Returns how many left.

    A row is locked while it is sent, so that two workers never send it twice at once.
    """
    sent = 0
    for _ in range(limit):
        with transaction.atomic():
            mail = (
                Mail.objects.select_for_update(skip_locked=True)
                .filter(next_try_at__lte=Now(), attempts__lt=MAX_ATTEMPTS)
                .order_by("id")
                .first()
            )
            if mail is None:
                break
            try:
                EmailMessage(mail.subject, mail.body, mail.sender or None, [mail.to]).send()
            except Exception as error:  # noqa: BLE001 - whatever it is, the messages behind it must leave
                delay = timedelta(seconds=2 ** (mail.attempts + 2))
                Mail.objects.filter(pk=mail.pk).update(
                    attempts=F("attempts") + 1, failure=str(error)[:500], next_try_at=timezone.now() + delay
                )
            else:
                mail.delete()
                sent += 1
    return sent
