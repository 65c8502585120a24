"""A small PNG of one colour (W3C PNG, 5: signature, header, data, end)."""

from __future__ import annotations

import struct
import zlib


def plain_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture of one RGB colour."""
    row = b"\0" + bytes(colour) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(*one) for one in ((b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
