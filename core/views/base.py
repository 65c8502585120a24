"""The base of every console view: permission declared, network compared, refusals answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.views.generic import View

from core.access import allowed, require
from core.actors import UserActor
from core.errors import Refused
from core.models import Network
from core.modules import check_on, module_of
from core.views.typed import typed_into


class ConsoleRequest(HttpRequest):
    """A request of a signed-in person, bound to a network by the middleware."""

    actor: UserActor
    network: Network
    htmx: Any


class ConsoleView(View):
    """A page of the console.

    `permission` is the permission it needs; a subclass without one can't be defined. `subject_permission`
    is what makes its subject visible at all: without it the page answers 404, with it but without
    `permission` 403. `module` is the code of the module that it belongs to: where that is off, it answers 403 and
    says who switched it off.
    """

    permission: ClassVar[str]
    module: ClassVar[str] = ""
    request: ConsoleRequest
    nav: ClassVar[str] = ""
    keeps_views: ClassVar[bool] = False  # whether one saves how it is seen, under a name

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and not getattr(cls, "permission", None):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} must declare its permission.")

    def admit(self) -> None:
        """Find the subject and let the person in, or raise Http404, `Denied`, or what says that a module is off."""
        self.subject = self.get_subject()
        self.check_permission()
        if self.module:
            check_on(self.actor, self.permission, module_of(self.module), self.permission_target())

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.admit()
        if request.method not in ("GET", "HEAD", "OPTIONS") and not self._form_is_of_this_network():
            return self.conflict(
                "This page was opened in another network. Nothing was saved; switch back and send it again."
            )
        return super().dispatch(request, *args, **kwargs)

    @property
    def actor(self) -> UserActor:
        return self.request.actor

    def get_subject(self) -> Any:
        """The record the page is about, found among what the actor may see; raises Http404."""
        return None

    def check_permission(self) -> None:
        """Raise `Denied` unless the person may; a view that asks for more than its permission asks here."""
        require(self.actor, self.permission, self.permission_target())

    def permission_target(self) -> Any:
        """Where the permission is asked: at the subject, unless finding it among several places has asked already."""
        return self.subject

    def may(self, permission: str, target: Any = None) -> bool:
        return allowed(self.actor, permission, target)

    def page(
        self, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        values: dict[str, Any] = {"view": self, "subject": self.subject, "nav_current": self.nav}
        return TemplateResponse(self.request, template, values | (context or {}), status=status)

    def act(self, perform: Callable[[], Any], *, success: str, url: str) -> HttpResponse:
        """Run an action behind a button: say what happened or why not, and go to `url`."""
        try:
            perform()
        except Refused as refusal:
            messages.error(self.request, refusal.message)
        else:
            messages.success(self.request, success)
        return HttpResponseRedirect(url)

    def conflict(self, message: str) -> HttpResponse:
        """409: the form belongs to another network; what was typed is shown so that it isn't lost."""
        typed = typed_into(self.request.POST)
        return render(self.request, "409.html", {"message": message, "typed": typed}, status=409)

    def _form_is_of_this_network(self) -> bool:
        return self.request.POST.get("_network") == str(self.request.network.pk)


def found(queryset: Any, **lookup: Any) -> Any:
    """One record among what the actor may see, or Http404; never tells the two reasons apart."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValueError, OverflowError):
        raise Http404("There is no such page, or it isn't yours to see.") from None
