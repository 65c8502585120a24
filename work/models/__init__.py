"""Outbox, mail and stored files."""

from work.models.file import StoredFile
from work.models.mail import Mail
from work.models.outbox import OutboxEvent

__all__ = ["Mail", "OutboxEvent", "StoredFile"]
