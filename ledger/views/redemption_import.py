"""Importing redemptions that took place elsewhere: send a file, see what its lines come to, have them redeemed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.actions import redemption_import as actions
from ledger.forms.redemption_import import RedemptionImportForm
from ledger.models import RedemptionImport, RedemptionImportLine
from ledger.permissions import REDEMPTION_IMPORT
from ledger.queries.redemption_import import entitlements_named, imports_for, lines_of
from ledger.rules.redemption_file import COLUMNS, NEEDED
from ledger.tables.redemption_import import ImportFilter, ImportTable, LineFilter, LineTable
from orgs.queries import tree

Status, Outcome = RedemptionImport.Status, RedemptionImportLine.Outcome
TONES = {
    Outcome.REFUSED: "bad",
    Outcome.OPEN: "info",
    Outcome.REPEATED: "",
    Outcome.REDEEMED: "ok",
    Status.SENT: "warn",
    Status.CHECKED: "info",
    Status.WAITING: "warn",
    Status.FAILED: "bad",
}
EXAMPLE = "old-4711,ABCD-EFGH-JKLM,PHYSIO,1,2026-01-31,PUN"


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    steps = (("Entitlements", reverse("entitlement-list")), *more)
    return [{"label": label, "url": url} for label, url in steps]


class RedemptionImportSend(FormPage):
    """Send a file; what its lines come to follows."""

    permission = REDEMPTION_IMPORT
    module = "packages"
    form_class = RedemptionImportForm
    template = "ledger/redemption_import_send.html"
    title = "Import redemptions"
    submit_label = "Check"

    def perform(self, form: Any) -> RedemptionImport:
        return actions.send_redemptions(self.actor, tree.root(), **form.sent())

    def success_url(self, result: RedemptionImport) -> str:
        return reverse("redemption-import-page", args=[result.pk])

    def success_message(self, result: RedemptionImport) -> str:
        return f"{result.file_name} is being checked. Nothing is redeemed yet."

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "Redemptions that took place elsewhere are posted as if they had been made at the counter.",
            "crumbs": crumbs(),
            "cancel_url": reverse("entitlement-list"),
            "actions": [
                {"label": "Past imports", "url": reverse("redemption-import-list"), "icon": "history"}
            ],
            "head": ",".join(NEEDED),
            "example": EXAMPLE,
            "optional": ", ".join(sorted(set(COLUMNS) - set(NEEDED))),
        }


class RedemptionImportList(ListPage):
    """Past imports: who, when, which file, and what came of it."""

    permission = REDEMPTION_IMPORT
    module = "packages"
    title = "Imports of redemptions"
    table_class = ImportTable
    filter_class = ImportFilter

    def get_rows(self) -> QuerySet[RedemptionImport]:
        return imports_for(self.actor)

    def decorate(self, records: Sequence[Any]) -> None:
        for record in records:
            record.tone = TONES.get(record.status, "")

    def get_context(self) -> dict[str, Any]:
        new = {"label": "Import a file", "url": reverse("redemption-import"), "icon": "upload"}
        return {
            "description": "Files of redemptions that were sent, and what came of them.",
            "crumbs": crumbs(),
            "actions": [new | {"style": "primary"}],
        }


class ImportSubject(ConsoleView, abstract=True):
    """A page about one import."""

    module = "packages"
    subject: RedemptionImport

    def get_subject(self) -> RedemptionImport:
        return found(imports_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def here(self) -> str:
        return reverse("redemption-import-page", args=[self.subject.pk])

    def percent(self) -> int:
        """How far the check is, or the redeeming."""
        one = self.subject
        if one.status == Status.SENT:
            return actions.CHECKED_TOLD.percent_of(one.pk)
        return 100 * one.position // max(one.line_count, 1)


class RedemptionImportPage(ImportSubject, ListPage):
    """What the lines of a file come to; while they are redeemed, how far it is; afterwards, what was refused and why."""

    permission = REDEMPTION_IMPORT
    template = "ledger/redemption_import.html"
    table_class = LineTable
    filter_class = LineFilter

    def get_rows(self) -> QuerySet[RedemptionImportLine]:
        return lines_of(self.subject)

    def decorate(self, records: Sequence[Any]) -> None:
        """What is there, and theirs to see, is linked."""
        there = entitlements_named(self.actor, {record.entitlement for record in records})
        for record in records:
            record.entitlement_id = there.get(record.entitlement)
            record.tone = TONES[record.outcome]

    def get_context(self) -> dict[str, Any]:
        one = self.subject
        is_under_way = one.status in (Status.SENT, Status.WAITING)
        return {
            "title": one.file_name,
            "status": one.status,
            "status_label": one.get_status_display(),
            "description": f"Redemptions, sent by {one.sent_by}",
            "crumbs": crumbs(("Imports of redemptions", reverse("redemption-import-list"))),
            "list_title": "Lines",
            "stats": self._stats(),
            "one": one,
            "percent": self.percent(),
            "is_under_way": is_under_way,
            "may_start": not is_under_way and not one.lines_removed_at and self._waits(),
            "is_stopped": one.status in (Status.CANCELLED, Status.FAILED) and one.position > 0,
        }

    def _waits(self) -> bool:
        """Whether some line is to be redeemed, or was refused and may be redeemable by now."""
        one = self.subject
        return one.open_count > 0 or one.refused_count > 0

    def _stats(self) -> list[dict[str, Any]]:
        one = self.subject
        figures = (
            ("Lines", one.line_count, ""),
            ("To be redeemed", one.open_count, Outcome.OPEN),
            ("Redeemed", one.redeemed_count, Outcome.REDEEMED),
            ("Posted before", one.repeated_count, Outcome.REPEATED),
            ("Refused", one.refused_count, Outcome.REFUSED),
        )
        return [
            {"label": label, "value": locale.number(count)}
            | ({"url": f"?outcome={outcome}#list-title"} if outcome and count else {})
            for label, count, outcome in figures
        ]


class RedemptionImportProgress(ImportSubject):
    """How far an import is, for the page that looks on; once it has ended, the page is loaded anew."""

    permission = REDEMPTION_IMPORT

    def get(self, request: Any, pk: int) -> HttpResponse:
        if self.subject.status not in (Status.SENT, Status.WAITING):
            return HttpResponse(status=204, headers={"HX-Redirect": self.here()})
        return self.page(
            "ledger/redemption_import_progress.html", {"one": self.subject, "percent": self.percent()}
        )


class RedemptionImportStart(ImportSubject):
    """Have the worker redeem the lines, or go on with them."""

    permission = REDEMPTION_IMPORT

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: actions.start_redemptions(self.actor, self.subject),
            success="The redemptions are being posted. It goes on without this page.",
            url=self.here(),
        )


class RedemptionImportStop(ImportSubject):
    """Stop the check or the redeeming."""

    permission = REDEMPTION_IMPORT

    def post(self, request: Any, pk: int) -> HttpResponse:
        return self.act(
            lambda: actions.stop_redemptions(self.actor, self.subject),
            success="Stopped. What was redeemed stays; go on with it, or void it in the journal.",
            url=self.here(),
        )
