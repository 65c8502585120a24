"""Results' files on their way out: the stored PDF, and its pages as images."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from vendors.models import Result
from vendors.pdf import page_image
from work.queries.file import stored_file


def file_of(result: Result | None) -> Any:
    """The stored file of a result, or Http404."""
    file = stored_file(result.file_id) if result is not None and result.file_id is not None else None
    if file is None:
        raise Http404
    return file


def page_png(result: Result | None, number: int) -> HttpResponse:
    """One page of a result's PDF as an image, or Http404."""
    file = file_of(result)
    if result is None or not 1 <= number <= result.pages:
        raise Http404
    return HttpResponse(page_image(bytes(file.content), number), content_type="image/png")
