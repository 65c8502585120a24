"""Pages of saved views: save how a list is seen, change and delete views."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import resolve

from core.views.base import found
from core.views.chosen import check_keeps_views
from core.views.form import FormPage
from core.views.list import query_to_keep
from people.actions import saved_view as actions
from people.forms.saved_view import ViewForm
from people.models import SavedView
from people.permissions import VIEW_SAVE, VIEW_SHARE
from people.queries.saved_view import own_views, removable_views


class OfList(FormPage, abstract=True):
    """A form about a view of the list at `_path`, to which it goes back: never anywhere else."""

    list_path: str
    list_name: str

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.list_path = request.GET.get("_path", "")
        check_keeps_views(self.list_path)
        self.list_name = resolve(self.list_path).view_name

    def address(self, query: str = "view=") -> str:
        return f"{self.list_path}?{query or 'view='}"

    def get_context(self) -> dict[str, Any]:
        return {"cancel_url": self.address()}


class ViewAdd(OfList):
    """Save how a list is seen now: what its address says besides its path."""

    permission = VIEW_SAVE
    title = "Save this view"
    submit_label = "Save view"

    @property
    def query(self) -> str:
        return query_to_keep(self.request.GET)

    def get_form(self, data: Any = None, files: Any = None) -> ViewForm:
        return ViewForm(data, may_share=self.may(VIEW_SHARE), is_new=True)

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "Filters, order and columns are kept under a name.",
            "cancel_url": self.address(self.query),
        }

    def perform(self, form: Any) -> SavedView:
        return actions.save_view(
            self.actor, None, list_name=self.list_name, query=self.query, details=form.details()
        )

    def success_url(self, result: SavedView) -> str:
        return self.address(result.query)

    def success_message(self, result: SavedView) -> str:
        return f"The view “{result.name}” was saved."


class ViewEdit(OfList):
    """Rename a view, make it the default or not, share it or not, or let it show what the list shows now."""

    permission = VIEW_SAVE
    title = "Change view"
    submit_label = "Save view"
    subject: SavedView

    def get_subject(self) -> SavedView:
        return found(own_views(self.actor), pk=self.kwargs["pk"], list_name=self.list_name)  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> ViewForm:
        names = ("name", "is_default", "is_shared")
        initial = {name: getattr(self.subject, name) for name in names}
        return ViewForm(data, initial=initial, may_share=self.may(VIEW_SHARE))

    def perform(self, form: Any) -> SavedView:
        query = query_to_keep(self.request.GET) if form.cleaned_data["shows_this"] else None
        return actions.change_view(
            self.actor, self.subject, details=form.details(), version=self.subject.version, query=query
        )

    def success_url(self, result: SavedView) -> str:
        return self.address(result.query)

    def success_message(self, result: SavedView) -> str:
        return f"The view “{result.name}” was saved."


class ViewDelete(OfList):
    """Delete a view: one's own, or a shared one."""

    permission = VIEW_SAVE
    title = "Delete view"

    def record_version(self) -> None:
        """None: whatever it says by now, it goes."""

    submit_label = "Delete view"

    def get_subject(self) -> SavedView:
        return found(removable_views(self.actor), pk=self.kwargs["pk"], list_name=self.list_name)  # type: ignore[no-any-return]

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return forms.Form(data)

    def get_context(self) -> dict[str, Any]:
        whose = "" if self.subject.user_id == self.actor.id else " It is gone for everybody who uses it."
        return {
            "description": self.subject.name,
            "danger": True,
            "consequences": [f"The view is deleted; the list and its rows stay.{whose}"],
            "cancel_url": self.address(),
        }

    def perform(self, form: Any) -> None:
        actions.delete_view(self.actor, self.subject)

    def success_url(self, result: None) -> str:
        return self.address()

    def success_message(self, result: None) -> str:
        return f"The view “{self.subject.name}” was deleted."
