"""The network's organizations as files that another network imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse

from core.tenancy import bound
from core.views.base import ConsoleView
from orgs.imports.csv_file import ADJACENCY, PATH, write_csv
from orgs.imports.fhir import write_fhir
from orgs.permissions import ORGANIZATION_IMPORT
from orgs.queries.imports import exported_rows


def file_buttons() -> list[dict[str, Any]]:
    """The downloads, and the way in, for those who may import."""
    return [
        {"label": "Import", "url": reverse("organization-import"), "icon": "upload"},
        {
            "label": "CSV with parents",
            "url": reverse("organization-export-parents"),
            "icon": "download",
        },
        {"label": "CSV with paths", "url": reverse("organization-export-paths"), "icon": "download"},
        {"label": "FHIR Bundle", "url": reverse("organization-export-fhir"), "icon": "download"},
    ]


class CsvFile(ConsoleView, abstract=True):
    """CSV as import_organizations reads it; `form` says how a place is written."""

    form: ClassVar[str]

    def get(self, request: Any) -> StreamingHttpResponse:
        network_id = request.network.pk

        def lines() -> Iterator[bytes]:
            with bound(network_id):  # streaming runs outside the request's transaction
                rows = exported_rows()
            yield b"\xef\xbb\xbf"
            for line in write_csv(rows, form=self.form):
                yield line.encode()

        response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="organizations.csv"'
        return response


class ExportParents(CsvFile):
    """CSV with the parent's code."""

    permission = ORGANIZATION_IMPORT
    form = ADJACENCY


class ExportPaths(CsvFile):
    """CSV with a column of paths."""

    permission = ORGANIZATION_IMPORT
    form = PATH


class ExportFhir(ConsoleView):
    """A FHIR R4 Bundle, as import_organizations reads it."""

    permission = ORGANIZATION_IMPORT

    def get(self, request: Any) -> HttpResponse:
        response = HttpResponse(
            write_fhir(exported_rows()), content_type="application/fhir+json; charset=utf-8"
        )
        response.headers["Content-Disposition"] = 'attachment; filename="organizations.json"'
        return response
