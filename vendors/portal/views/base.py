"""The base of the portal's pages: a session of its own, permission declared, network compared, refusals answered."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.generic import View

from core.access import require
from core.actors import ContactActor
from core.views.typed import typed_into
from vendors.portal.session import PortalRequest, PortalVisit, drop_cookie
from vendors.queries.task import Task, find_task

#: What happened, said on the page one lands on: the portal has no store of messages.
NOTICES = {
    "accepted": "Accepted. The patient's details are shown below.",
    "rejected": "Rejected. The network has been told why.",
    "started": "Work has begun.",
    "completed": "Completed. The network sees the result now.",
    "corrected": "Corrected. The network sees the new result now, and the one before.",
    "held": "On hold. The clock stands still until you go on.",
    "resumed": "Work goes on.",
    "failed": "Ended without a result. The network has been told why.",
    "written": "Sent.",
    "proposed": "Proposed. It counts once the network agrees.",
    "replied": "Answered.",
}


@method_decorator(
    login_not_required, name="dispatch"
)  # contacts are no users: the portal's own session is asked for
class PortalView(View):
    """A page of the portal. A subclass without a permission can't be defined."""

    permission: ClassVar[str]
    request: PortalRequest
    task: Task | None = None

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not abstract and not getattr(cls, "permission", None):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__} must declare its permission.")

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.portal is None:
            response = TemplateResponse(request, "portal/welcome.html", status=401)
            drop_cookie(response)
            return response
        try:
            self.task = self.get_task()
            require(self.actor, self.permission, self.task or self.visit.contact)
            if request.method not in ("GET", "HEAD", "OPTIONS") and not self._form_is_of_this_network():
                return self.conflict()
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            return self.page("portal/not_found.html", status=404)

    @property
    def visit(self) -> PortalVisit:
        assert self.request.portal is not None
        return self.request.portal

    @property
    def actor(self) -> ContactActor:
        return self.visit.actor

    def get_task(self) -> Task | None:
        """The task the page is about, found among the vendor's own; raises Http404."""
        return find_task(self.actor, self.kwargs["pk"]) if "pk" in self.kwargs else None

    @property
    def found_task(self) -> Task:
        """The task of a page that has one."""
        assert self.task is not None
        return self.task

    def page(
        self, template: str, context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        values: dict[str, Any] = {
            "portal": self.visit,
            "accent": self.visit.accent,
            "notice": NOTICES.get(self.request.GET.get("done", "")),
            "idempotency_key": self.request.POST.get("_key") or uuid4().hex,
        }
        if self.task is not None:
            values |= {"task": self.task.request, "record_version": self.task.request.version}
        return TemplateResponse(self.request, template, values | (context or {}), status=status)

    def conflict(self) -> HttpResponse:
        return self.page("portal/conflict.html", {"typed": typed_into(self.request.POST)}, status=409)

    def _form_is_of_this_network(self) -> bool:
        return self.request.POST.get("_network") == str(self.visit.network.pk)
