"""PDFs of results: are they readable, and how do their pages look."""

from __future__ import annotations

import io
from threading import Lock

import pypdfium2

from core.errors import Refused

WIDTH = 1240  # pixels of a page image: A4 at 150 dpi
MAX_HEIGHT = 4000
MAX_PAGES = 200
_pdfium = Lock()  # the library is not safe for threads


def page_count(content: bytes, name: str, *, field: str = "") -> int:
    """How many pages a PDF has; refuses what is no readable PDF."""
    with _pdfium:
        try:
            with pypdfium2.PdfDocument(content) as document:
                pages = len(document)
        except pypdfium2.PdfiumError:
            raise Refused(
                "file_type",
                f"“{name}” can't be opened as a PDF: it is damaged or protected by a password.",
                field=field,
            ) from None
    if not 1 <= pages <= MAX_PAGES:
        raise Refused("file_type", f"“{name}” has {pages} pages; a result has 1 to {MAX_PAGES}.", field=field)
    return pages


def page_image(content: bytes, number: int) -> bytes:
    """Page `number` (from 1) as PNG: what the browser shows instead of the PDF itself."""
    with _pdfium, pypdfium2.PdfDocument(content) as document:
        page = document[number - 1]
        scale = min(WIDTH / page.get_width(), MAX_HEIGHT / page.get_height())
        image = page.render(scale=scale).to_pil()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
