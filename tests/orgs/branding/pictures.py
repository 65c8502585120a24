"""Pictures for tests, made by the library that reads them."""

from __future__ import annotations

import io
import random

from PIL import Image, PngImagePlugin


def picture(
    size: tuple[int, int] = (320, 80), colour: str = "teal", kind: str = "PNG", note: str = ""
) -> bytes:
    """A picture of one colour; `note` is written into its metadata."""
    out = io.BytesIO()
    more: dict[str, object] = {}
    if note and kind == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", note)
    elif note:
        exif = Image.Exif()
        exif[0x010E] = note  # ImageDescription
        more["exif"] = exif
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def noise(side: int) -> bytes:
    """A picture that doesn't compress."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(out, "PNG")
    return out.getvalue()
