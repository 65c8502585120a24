"""Importing organizations from a file: send it, look at the dry run, have it imported, see what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse

from core import locale
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from orgs.actions import import_file as actions
from orgs.forms.import_file import ImportForm
from orgs.imports.progress import IMPORT_TOLD
from orgs.imports.recognize import FHIR, FORMS, example
from orgs.models import ImportLine, OrganizationImport
from orgs.permissions import ORGANIZATION_IMPORT
from orgs.queries import tree
from orgs.queries.import_file import imports_for, lines_of
from orgs.queries.imports import exported_rows
from orgs.queries.organization import ids_by_code
from orgs.tables.import_file import ImportFilter, ImportLineFilter, ImportLineTable, ImportTable

Status, Outcome = OrganizationImport.Status, ImportLine.Outcome
TONES = {
    Outcome.ERROR: "bad",
    Outcome.WARNING: "warn",
    Outcome.LEFT_OUT: "warn",
    Outcome.CHANGED: "info",
    Outcome.NEW: "ok",
    Status.CHECKED: "info",
    Status.WAITING: "warn",
    Status.IMPORTED: "ok",
    Status.FAILED: "bad",
}


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    steps = (("Organizations", reverse("organization-list")), *more)
    return [{"label": label, "url": url} for label, url in steps]


class ImportSend(FormPage):
    """Send a file; its dry run follows."""

    permission = ORGANIZATION_IMPORT
    form_class = ImportForm
    template = "orgs/import_send.html"
    title = "Import organizations"
    submit_label = "Dry run"

    def perform(self, form: Any) -> OrganizationImport:
        return actions.send_import(self.actor, tree.root(), **form.sent())

    def success_url(self, result: OrganizationImport) -> str:
        return reverse("organization-import-page", args=[result.pk])

    def success_message(self, result: OrganizationImport) -> str:
        return f"{result.file_name} was read. Nothing is written yet."

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "A dry run shows what a file would do. Nothing is written before you say so.",
            "crumbs": crumbs(),
            "cancel_url": reverse("organization-list"),
            "actions": [
                {"label": "Past imports", "url": reverse("organization-import-list"), "icon": "history"}
            ],
            "examples": [
                {"label": label, "url": reverse("organization-import-example", args=[form])}
                for form, label in FORMS.items()
            ],
        }


class ImportExample(ConsoleView):
    """A small file of a format, which this network could import."""

    permission = ORGANIZATION_IMPORT

    def get(self, request: Any, form: str) -> HttpResponse:
        if form not in FORMS:
            raise Http404("There is no such format.")
        kind, ending = ("application/fhir+json", "json") if form == FHIR else ("text/csv", "csv")
        response = HttpResponse(example(form, exported_rows()[0]), content_type=f"{kind}; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="example-{form}.{ending}"'
        return response


class ImportList(ListPage):
    """Past imports: who, when, which file, and what came of it."""

    permission = ORGANIZATION_IMPORT
    title = "Imports"
    table_class = ImportTable
    filter_class = ImportFilter

    def get_rows(self) -> QuerySet[OrganizationImport]:
        return imports_for(self.actor)

    def decorate(self, records: Sequence[Any]) -> None:
        for record in records:
            record.tone = TONES.get(record.status, "")

    def get_context(self) -> dict[str, Any]:
        new = {"label": "Import a file", "url": reverse("organization-import"), "icon": "upload"}
        return {
            "description": "Files of organizations that were sent, with their dry runs.",
            "crumbs": crumbs(),
            "actions": [new | {"style": "primary"}],
        }


class ImportSubject(ConsoleView, abstract=True):
    """A page about one import."""

    subject: OrganizationImport

    def get_subject(self) -> OrganizationImport:
        return found(imports_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def here(self) -> str:
        return reverse("organization-import-page", args=[self.subject.pk])


class ImportPage(ImportSubject, ListPage):
    """The dry run of a file, line by line; while it is imported, how far it is; afterwards, what was made."""

    permission = ORGANIZATION_IMPORT
    template = "orgs/import_page.html"
    table_class = ImportLineTable
    filter_class = ImportLineFilter

    def get_rows(self) -> QuerySet[ImportLine]:
        return lines_of(self.subject)

    def decorate(self, records: Sequence[Any]) -> None:
        """What is there by now is linked."""
        there = ids_by_code(record.code for record in records)
        for record in records:
            record.organization_id = there.get(record.code)
            record.tone = TONES[record.outcome]

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        return {
            "title": one.file_name,
            "status": one.status,
            "status_label": one.get_status_display(),
            "description": f"{one.form} · sent by {one.made_by}",
            "crumbs": crumbs(("Imports", reverse("organization-import-list"))),
            "list_title": "Lines",
            "stats": self._stats(),
            "one": one,
            "percent": IMPORT_TOLD.percent_of(one.pk),
            "may_start": one.status == Status.CHECKED
            and one.file_removed_at is None
            and one.writes > 0
            and (one.per_branch or not one.refused_count),
        }

    def _stats(self) -> list[dict[str, Any]]:
        one = self.subject
        done = one.status == Status.IMPORTED
        figures = [
            ("Added" if done else "New", one.new_count, Outcome.NEW),
            ("Changed" if done else "Would change", one.changed_count, Outcome.CHANGED),
            ("Equal", one.equal_count, ""),
            ("Refused", one.refused_count, Outcome.ERROR),
            ("Left out", one.left_out_count, Outcome.LEFT_OUT),
            ("Worth a look", one.warning_count, Outcome.WARNING),
        ]
        return [
            {"label": label, "value": locale.number(count)}
            | ({"url": f"?outcome={outcome}#list-title"} if outcome and count else {})
            for label, count, outcome in figures
        ]


class ImportProgress(ImportSubject):
    """How far an import is, for the page that looks on; once it has ended, the page is loaded anew."""

    permission = ORGANIZATION_IMPORT

    def get(self, request: Any, pk: int) -> HttpResponse:
        if self.subject.status != Status.WAITING:
            return HttpResponse(status=204, headers={"HX-Redirect": self.here()})
        return self.page(
            "orgs/import_progress.html",
            {"one": self.subject, "percent": IMPORT_TOLD.percent_of(self.subject.pk)},
        )


class ImportStart(ImportSubject):
    """Have the worker import what the dry run showed."""

    permission = ORGANIZATION_IMPORT

    def post(self, request: Any, pk: int) -> HttpResponse:
        shown = request.POST.get("_seen", "")
        return self.act(
            lambda: actions.start_import(self.actor, self.subject, shown=shown),
            success="The import was started. It goes on without this page.",
            url=self.here(),
        )


class ImportCompare(ImportSubject):
    """Make the dry run anew."""

    permission = ORGANIZATION_IMPORT

    def post(self, request: Any, pk: int) -> HttpResponse:
        per_branch = request.POST.get("mode") == "branch"
        return self.act(
            lambda: actions.compare_again(self.actor, self.subject, per_branch=per_branch),
            success="The file was compared again.",
            url=self.here(),
        )


class ImportCancel(ImportSubject):
    """Put a dry run aside, or stop an import."""

    permission = ORGANIZATION_IMPORT

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: actions.cancel_import(self.actor, self.subject),
            success="Cancelled. Nothing of it was imported.",
            url=self.here(),
        )
