"""Mail: queued in the transaction, sent by the worker; nothing calls out inside a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.encoders import encode_base64
from email.headerregistry import Address
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, SafeMIMEMultipart
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from core.files import check_size, harmless_name
from core.tenancy import bound
from work.models import Mail, MailAttachment
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


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    content_type: str
    content: bytes


INSTALLATION = Letterhead()


def queue_mail(
    to: str,
    subject: str,
    body: str,
    *,
    from_name: str = "",
    head: Letterhead = INSTALLATION,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Queue one message, as text and drawn; line breaks can't get into the subject or the sender.

    `from_name` is the name before the server's own address; without one the server's name stands there. Attachments
    are the bound network's, whose letterhead it has; refuses more than 10 MiB of them.
    """
    if attachments and head.network_id is None:
        raise ValueError("Attachments lie in a network: its letterhead must say which.")
    check_size(attachments[0].name if attachments else "", sum(len(one.content) for one in attachments))
    subject = " ".join(subject.split())[:200]
    drawn = {"subject": subject, "parts": parts_of(body), "head": head}
    mail = Mail.objects.create(
        to=to,
        subject=subject,
        body=body,
        html=render_to_string("mail/letter.html", drawn),
        network_id=head.network_id,
        logo_id=head.logo_id,
        sender=_sender(from_name),
    )
    MailAttachment.objects.bulk_create(
        MailAttachment(
            mail=mail, name=harmless_name(one.name), content_type=one.content_type, content=one.content
        )
        for one in attachments
    )


def _sender(name: str) -> str:
    """The sender as a header wants it, the name quoted where it must be; empty for the server's own."""
    visible = "".join(char if char.isprintable() else " " for char in name)
    shown = " ".join(visible.split())[:LONGEST_NAME]
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return str(Address(shown, addr_spec=address)) if shown else ""


class _Message(EmailMultiAlternatives):
    """Text and HTML as alternatives, beside them the picture that the HTML shows, and then what is attached."""

    picture: MIMEImage | None = None

    def _create_alternatives(self, msg: Any) -> Any:
        drawn = super()._create_alternatives(msg)  # type: ignore[misc]
        if self.picture is None:
            return drawn
        related = SafeMIMEMultipart("related")
        related.attach(drawn)
        related.attach(self.picture)
        return related


def _message(mail: Mail) -> EmailMessage:
    message = _Message(mail.subject, mail.body, mail.sender or None, [mail.to])
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if mail.network_id is None:
        return message
    with bound(mail.network_id):
        file = stored_file(mail.logo_id) if mail.logo_id is not None else None
        if file is not None:
            message.picture = MIMEImage(bytes(file.content), "png")
            message.picture.add_header("Content-ID", f"<{Letterhead(logo_id=file.pk).cid}>")
            message.picture.add_header("Content-Disposition", "inline", filename="logo.png")
        for one in MailAttachment.objects.filter(mail_id=mail.pk).order_by("pk"):
            # As bytes whatever it is: text would be written anew.
            message.attach(_part(one))
    return message


def _part(one: MailAttachment) -> MIMEBase:
    main, sub = one.content_type.split("/", 1)
    part = MIMEBase(main, sub.partition(";")[0])
    part.set_payload(bytes(one.content))
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=one.name)
    return part


def _delete(mail: Mail) -> None:
    """A message with what is attached to it."""
    if mail.network_id is not None:
        with bound(mail.network_id):
            MailAttachment.objects.filter(mail_id=mail.pk).delete()
    mail.delete()


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
                _delete(mail)
                sent += 1
    return sent
