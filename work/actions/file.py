"""Storing files: type by content, size capped."""

from __future__ import annotations

import hashlib

from core.errors import Refused
from work.models import StoredFile

MEBIBYTE = 1024 * 1024
MOST_MEBIBYTES = 10
_SIGNATURES = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def content_type_of(content: bytes) -> str | None:
    """The type by the file's first bytes; None when it isn't one we accept."""
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def check_size(name: str, size: int, most_mebibytes: int = MOST_MEBIBYTES, *, field: str = "") -> None:
    """Refuse a file that is too large, before a byte of it is read."""
    most = min(most_mebibytes, MOST_MEBIBYTES)
    if size > most * MEBIBYTE:
        raise Refused(
            "file_too_large",
            f"“{name}” has {size / MEBIBYTE:.1f} MiB; at most {most} MiB can be stored.",
            field=field,
        )


def store_file(organization_id: int, name: str, content: bytes, *, field: str = "") -> StoredFile:
    """Store a PDF, PNG or JPEG of at most 10 MiB for an organization; refuses anything else."""
    if not content:
        raise Refused("file_empty", f"“{name}” is empty. Choose the file again.", field=field)
    check_size(name, len(content), field=field)
    kind = content_type_of(content)
    if kind is None:
        raise Refused("file_type", f"“{name}” is not a PDF, PNG or JPEG file.", field=field)
    safe = "".join(char for char in name if char.isprintable() and char not in '/\\"')[-200:] or "file"
    return StoredFile.objects.create(
        organization_id=organization_id,
        name=safe,
        content_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
