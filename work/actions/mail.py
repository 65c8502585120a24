"""Mail: queued in the transaction, sent by the worker; nothing calls out inside a request."""

from __future__ import annotations

from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from work.models import Mail

MAX_ATTEMPTS = 8


def queue_mail(to: str, subject: str, body: str, *, sender: str = "") -> None:
    """Queue one plain-text message; line breaks can't get into the subject."""
    Mail.objects.create(to=to, subject=" ".join(subject.split())[:200], body=body, sender=sender)


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
