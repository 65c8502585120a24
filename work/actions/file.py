"""Storing files: type by content, size capped."""

from __future__ import annotations

import hashlib

from core.errors import Refused
from core.files import MOST_MEBIBYTES, check_size, content_type_of, harmless_name
from work.models import StoredFile


def store_file(
    organization_id: int,
    name: str,
    content: bytes,
    *,
    most_mebibytes: int = MOST_MEBIBYTES,
    field: str = "",
) -> StoredFile:
    """Store a PDF, PNG or JPEG of at most so many MiB, never more than 10, for an organization; refuses anything else."""
    if not content:
        raise Refused("file_empty", f"“{name}” is empty. Choose the file again.", field=field)
    check_size(name, len(content), most_mebibytes, field=field)
    kind = content_type_of(content)
    if kind is None:
        raise Refused("file_type", f"“{name}” is not a PDF, PNG or JPEG file.", field=field)
    return StoredFile.objects.create(
        organization_id=organization_id,
        name=harmless_name(name),
        content_type=kind,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )
