"""Form pages: typed values are kept, refusals land beside their field, stale records answer 409."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from core.errors import Refused, Stale
from core.views.base import ConsoleView


class FormPage(ConsoleView, abstract=True):
    """A page with one form. Subclasses say how to build the form, which action to call and where to go.

    A `keyed` form carries an idempotency key from its first showing on, so that a double click acts once.
    """

    form_class: ClassVar[type[forms.BaseForm]]
    template: ClassVar[str] = "console/form.html"
    title: ClassVar[str] = ""
    submit_label: ClassVar[str] = "Save"
    success: ClassVar[str] = "Saved."
    keyed: ClassVar[bool] = False

    def get_form(self, data: Any = None, files: Any = None) -> forms.BaseForm:
        return self.form_class(data, files, initial=self.get_initial())

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context(self) -> dict[str, Any]:
        return {}

    def perform(self, form: forms.BaseForm) -> Any:
        """Call the action; raise `Refused` when it says no."""
        raise NotImplementedError

    def success_url(self, result: Any) -> str:
        raise NotImplementedError

    def success_message(self, result: Any) -> str:
        return self.success

    def record_version(self) -> int | None:
        return getattr(self.subject, "version", None)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.get_form())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            self._compare_version()
            result = self.perform(form)
        except Stale as stale:
            form.add_error(None, stale.message)
            return self.show(form, status=409)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.show(form, status=422)
        messages.success(request, self.success_message(result))
        return self.redirect(self.success_url(result))

    def redirect(self, url: str) -> HttpResponse:
        if self.request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": self._as_it_was(url)})
        return HttpResponseRedirect(url)

    def _as_it_was(self, url: str) -> str:
        """The page behind a dialog with its own filters, where the way leads back to that page."""
        behind = self.request.htmx.current_url_abs_path or ""
        return behind if urlsplit(behind).path == url else url

    def show(self, form: forms.BaseForm, *, status: int = 200) -> HttpResponse:
        dialog = bool(self.request.htmx and not self.request.htmx.boosted)
        if dialog:  # the page behind may have fields of the same names, in its filters
            form.auto_id = "modal_%s"
        context = {
            "form": form,
            "title": self.title,
            "submit_label": self.submit_label,
            "record_version": self.record_version(),
            "dialog": dialog,
            "action_url": self.request.get_full_path(),
            "idempotency_key": self.idempotency_key() if self.keyed else "",
        }
        return self.page(self.template, context | self.get_context(), status=status)

    def idempotency_key(self) -> str:
        """The key that the form was shown with, or a new one."""
        return self.request.POST.get("_key", "") or str(uuid4())

    def _compare_version(self) -> None:
        version = self.record_version()
        if version is not None and self.request.POST.get("_version") != str(version):
            raise Stale(self.subject._meta.verbose_name)
