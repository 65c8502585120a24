"""Mail: queued in the transaction, sent by the worker; nothing calls out inside a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.mime.image import MIMEImage
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from core.tenancy import bound
from work.models import Mail
from work.queries.file import stored_file
from work.rules.letter import parts_of

MAX_ATTEMPTS = 8
LONGEST_NAME = 60


@dataclass(frozen=True)
class Letterhead:
    """Whose mail it looks like: a name, an accent for either ground, and a logo, which is a stored file of a network."""

    name: str = "Caretree"
    accent: str = "#00696e"
    accent_on_dark: str = "#5ecbcb"
    network_id: int | None = None
    logo_id: int | None = None

    @property
    def cid(self) -> str:
        """How the drawn body names the logo, which travels with it; empty without one."""
        return f"logo-{self.logo_id}@caretree" if self.logo_id else ""


INSTALLATION = Letterhead()


def queue_mail(
    to: str, subject: str, body: str, *, from_name: str = "", head: Letterhead = INSTALLATION
) -> None:
    """Queue one message, as text and drawn; line breaks can't get into the subject or the sender.

    `from_name` is the name before the server's own address; without one the server's name stands there.
    """
    subject = " ".join(subject.split())[:200]
    drawn = {"subject": subject, "parts": parts_of(body), "head": head}
    Mail.objects.create(
        to=to,
        subject=subject,
        body=body,
        html=render_to_string("mail/letter.html", drawn),
        network_id=head.network_id,
        logo_id=head.logo_id,
        sender=_sender(from_name),
    )


def _sender(name: str) -> str:
    """The sender as a header wants it, the name quoted where it must be; empty for the server's own."""
    visible = "".join(char if char.isprintable() else " " for char in name)
    shown = " ".join(visible.split())[:LONGEST_NAME]
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return str(Address(shown, addr_spec=address)) if shown else ""


class _Message(EmailMultiAlternatives):
    """Text and HTML as alternatives, and beside them the picture that the HTML shows."""

    mixed_subtype = "related"


def _message(mail: Mail) -> EmailMessage:
    message = _Message(mail.subject, mail.body, mail.sender or None, [mail.to])
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.network_id is not None and mail.logo_id is not None:
        with bound(mail.network_id):
            file = stored_file(mail.logo_id)
        if file is not None:
            picture = MIMEImage(bytes(file.content), "png")
            picture.add_header("Content-ID", f"<{Letterhead(logo_id=file.pk).cid}>")
            picture.add_header("Content-Disposition", "inline", filename="logo.png")
            message.attach(picture)
    return message


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
                _message(mail).send()
            except Exception as error:  # noqa: BLE001 - whatever it is, the messages behind it must leave
                delay = timedelta(seconds=2 ** (mail.attempts + 2))
                Mail.objects.filter(pk=mail.pk).update(
                    attempts=F("attempts") + 1, failure=str(error)[:500], next_try_at=timezone.now() + delay
                )
            else:
                mail.delete()
                sent += 1
    return sent
