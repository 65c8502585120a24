"""Reads of stored files."""

from __future__ import annotations

from work.models import StoredFile


def stored_file(file_id: int) -> StoredFile | None:
    """A file of the bound network; whether the reader may see it is the caller's question."""
    return StoredFile.objects.filter(pk=file_id).first()
