"""Handing content to another Parent Account, and taking it over: a file in between, and a person at both ends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from core.clock import today_in
from core.content_package import LARGEST, Difference, Package, compare, parts_in_order, read_package
from core.errors import Refused
from core.views.base import ConsoleView
from orgs.actions.content_package import TAKEN, export_content, import_content
from orgs.permissions import CONTENT_EXPORT, CONTENT_IMPORT
from orgs.queries import tree
from orgs.views.parent_account import CRUMB

TONES = {
    Difference.NEW: "ok",
    Difference.CHANGED: "info",
    Difference.EQUAL: "",
    Difference.REFUSED: "bad",
}


class UploadForm(forms.Form):
    """The file of a content package."""

    file = forms.FileField(
        label="Content package",
        help_text="The file that “Export content” gave in the other Parent Account.",
        widget=forms.FileInput(attrs={"accept": "application/json,.json"}),
    )

    def text(self) -> str:
        """What the file says; raises `Refused` when it can't be text or is too large."""
        file = self.cleaned_data["file"]
        if file.size > 4 * LARGEST:
            raise Refused("invalid", f"{file.name} is too large for a content package.", field="file")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise Refused("invalid", f"{file.name} is no text file.", field="file") from None


class ContentExport(ConsoleView):
    """Choose what to export, and get the file."""

    permission = CONTENT_EXPORT

    def get(self, request: Any) -> HttpResponse:
        return self._show()

    def post(self, request: Any) -> HttpResponse:
        try:
            text = export_content(self.actor, tree.root(), parts=request.POST.getlist("parts"))
        except Refused as refusal:
            return self._show(refusal.message, status=422)
        network = request.network
        day = today_in(network.time_zone).isoformat()
        response = HttpResponse(text, content_type="application/json; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="content-{network.code}-{day}.json"'
        return response

    def _show(self, error: str = "", *, status: int = 200) -> HttpResponse:
        parts = [{"part": part, "count": len(part.items())} for part in parts_in_order()]
        about = "A signed file with what can be recreated elsewhere. No patients, appointments or people go along."
        context = {"title": "Export content", "description": about, "parts": parts, "error": error}
        return self.page("orgs/content_export.html", context | {"crumbs": [CRUMB]}, status=status)


class ContentImport(ConsoleView):
    """Upload a package, see what is new, changed or equal, choose, take over."""

    permission = CONTENT_IMPORT

    def get(self, request: Any) -> HttpResponse:
        return self._show({"form": UploadForm()})

    def post(self, request: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        try:
            text = request.POST.get("payload") or (form.text() if form.is_valid() else "")
            if not text:
                return self._show({"form": form}, status=422)
            package = read_package(text.replace("\r\n", "\n"))
        except Refused as refusal:
            form = UploadForm()
            return self._show({"form": form, "error": refusal.message}, status=422)
        if "_apply" not in request.POST:
            return self._preview(text, package)
        chosen = {(part, code) for part, _, code in (w.partition(" ") for w in request.POST.getlist("items"))}
        try:
            counts = import_content(self.actor, tree.root(), package=package, chosen=chosen)
        except Refused as refusal:
            return self._preview(text, package, refusal.message, status=422)
        words = ", ".join(f"{count} {difference.value}" for difference, count in counts.items())
        messages.success(request, f"Taken over from {package.source}: {words}.")
        return HttpResponseRedirect(reverse("parent-account"))

    def _preview(self, text: str, package: Package, error: str = "", *, status: int = 200) -> HttpResponse:
        compared = compare(package)
        rows = [
            {"one": one, "tone": TONES[one.difference], "taken": one.difference in TAKEN} for one in compared
        ]
        counts = [
            {"label": difference.value, "count": count, "tone": TONES[difference]}
            for difference in Difference
            if (count := sum(one.difference == difference for one in compared))
        ]
        context = {
            "payload": text,
            "package": package,
            "made_at": parse_datetime(package.made_at),
            "rows": rows,
            "counts": counts,
            "error": error,
        }
        return self._show(context, status=status)

    def _show(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        about = "What is taken over is copied, not linked; each item goes through the checks of its own page."
        base = {"title": "Import content", "description": about, "crumbs": [CRUMB]}
        return self.page("orgs/content_import.html", base | context, status=status)
