"""Pictures that are uploaded as logos: what is refused, and what is kept of them."""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps

from core import locale

KIBIBYTE = 1024
MOST_BYTES = 1024 * KIBIBYTE
MOST_PIXELS = 4096  # on a side, looked at before anything is decoded
LEAST_PIXELS = 16
WIDTH, HEIGHT = 640, 160  # what is kept: four times what is shown
_FORMATS = ("PNG", "JPEG", "WEBP")
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


def redrawn(name: str, content: bytes) -> bytes:
    """The picture drawn anew as a PNG of at most 640 by 160: nothing of the file remains but its pixels.

    ValueError says what is wrong with it.
    """
    check_size(name, len(content))
    if _is_svg(content):
        raise ValueError(
            f"“{name}” is an SVG, which can carry scripts. Save it as PNG, with a transparent ground."
        )
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            _check_sides(name, *opened.size)
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except _WrongSizeError:
        raise
    except _UNREADABLE:
        raise ValueError(f"“{name}” can't be opened as a PNG, JPEG or WebP picture.") from None
    picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGBA", picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, "PNG", optimize=True)
    return out.getvalue()


def check_size(name: str, size: int) -> None:
    """ValueError for a file that is too large, before a byte of it is read."""
    if size > MOST_BYTES:
        raise ValueError(
            f"“{name}” has {locale.number(round(size / KIBIBYTE))} KiB; a logo has at most {locale.number(1024)}."
        )


class _WrongSizeError(ValueError):
    """Too many or too few pixels."""


def _check_sides(name: str, width: int, height: int) -> None:
    if max(width, height) > MOST_PIXELS or min(width, height) < LEAST_PIXELS:
        raise _WrongSizeError(
            f"“{name}” has {width} by {height} pixels; a logo has {LEAST_PIXELS} to {locale.number(MOST_PIXELS)} on each side."
        )


def _is_svg(content: bytes) -> bool:
    start = content[:KIBIBYTE].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in start
