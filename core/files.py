"""Files that people hand in: which kinds are taken, told by content, and how large."""

from __future__ import annotations

from core import locale
from core.errors import Refused

MEBIBYTE = 1024 * 1024
MOST_MEBIBYTES = 10
#: type by content -> what people call it
KINDS = {"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG"}
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
            f"“{name}” has {locale.number(round(size / MEBIBYTE, 1))} MiB; at most {most} MiB can be stored.",
            field=field,
        )


def check_readable(name: str, size: int, most_bytes: int, remedy: str = "Split it.") -> None:
    """Refuse a file of lines that is too large, before it is read."""
    if size > most_bytes:
        said = locale.number(round(size / MEBIBYTE, 1))
        raise Refused(
            "file_too_large",
            f"“{name}” has {said} MiB; at most {most_bytes // MEBIBYTE} MiB are read. {remedy}",
            field="file",
        )


def harmless_name(name: str) -> str:
    """A file's name without what means something to a folder or a header."""
    return "".join(char for char in name if char.isprintable() and char not in '/\\"')[-200:] or "file"
