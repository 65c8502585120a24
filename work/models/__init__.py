"""Outbox, mail and stored files."""

from work.models.file import StoredFile
from work.models.mail import Mail, MailAttachment
from work.models.outbox import OutboxEvent

__all__ = ["Mail", "MailAttachment", "OutboxEvent", "StoredFile"]
