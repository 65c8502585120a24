"""Mail in the name of an organization: its letterhead, its sender, and where to write with questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orgs.queries.branding import letterhead, sender_name, support_email
from work.actions.mail import Attachment, queue_mail


def queue_signed_mail(
    organization: Any, to: str, subject: str, body: str, attachments: Sequence[Attachment] = ()
) -> None:
    """Queue one message about an organization, with its network's letterhead, from the name and with the
    address for questions in force there."""
    queue_mail(
        to,
        subject,
        body + mail_ending(organization),
        from_name=sender_name(organization),
        head=letterhead(organization),
        attachments=attachments,
    )


def mail_ending(organization: Any) -> str:
    """What stands at the end of mail about an organization: where to write with questions, if anywhere."""
    address = support_email(organization)
    return f"\nQuestions? Write to {address}.\n" if address else ""
