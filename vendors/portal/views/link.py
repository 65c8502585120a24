"""The provided link: a page with one button, then the one-time code. Public: it is how a contact becomes known."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import View

from core.actors import ContactActor
from core.tenancy import bound
from orgs.hosts import leads_elsewhere
from vendors.actions.contact import secret_hash
from vendors.actions.portal import code_is_right, note_wrong_code, request_code, sign_in
from vendors.models import PortalLink
from vendors.portal.forms import CodeForm
from vendors.portal.role import as_contact
from vendors.portal.session import set_cookie
from vendors.queries.portal import live_link, network_of_link
from vendors.rules.settings import SESSION_HOURS

WRONG = "This code is not right, or it has expired. Check the newest mail, or ask for another code."


@method_decorator(login_not_required, name="dispatch")
class LinkView(View):
    """Answers a known, an unknown, an expired and a revoked link alike; only the mail differs, and nobody sees it."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def with_link(self, secret: str, use: Any) -> Any:
        """`use(link, actor)` as the portal role of the link's contact; None when the link opens nothing."""
        digest = secret_hash(secret)
        network_id = network_of_link(digest)
        if network_id is None or leads_elsewhere(self.request, network_id):
            return None
        with bound(network_id):
            link = live_link(digest)
            if link is None:
                return None
            contact = link.contact
            with as_contact(contact):
                return use(link, ContactActor.of(contact.pk, contact.name, contact.vendor_id))


class LinkPage(LinkView):
    """One button. A GET does nothing, because mail scanners fetch links; the POST has a code mailed."""

    def get(self, request: Any, secret: str) -> HttpResponse:
        return render(request, "portal/link.html")

    def post(self, request: Any, secret: str) -> HttpResponse:
        def ask(link: PortalLink, actor: ContactActor) -> None:
            request_code(actor, link.contact, link_id=link.pk)

        self.with_link(secret, ask)
        return HttpResponseRedirect(reverse("portal-code", args=[secret]))


class CodePage(LinkView):
    """Where the code is entered; the right one starts a session."""

    def get(self, request: Any, secret: str) -> HttpResponse:
        return self._page(CodeForm())

    def post(self, request: Any, secret: str) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)

        def enter(link: PortalLink, actor: ContactActor) -> tuple[str, int] | None:
            if code_is_right(link, form.cleaned_data["code"]):
                token = sign_in(actor, link.contact, link_id=link.pk)
                return token, SESSION_HOURS.at(link.contact.vendor)
            note_wrong_code(actor, link.contact)
            return None

        entered = self.with_link(secret, enter)
        if entered is None:
            form.add_error("code", WRONG)
            return self._page(form, status=422)
        response = HttpResponseRedirect(reverse("portal"))
        set_cookie(response, *entered)
        return response

    def _page(self, form: CodeForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "again_url": reverse("portal-link", args=[self.kwargs["secret"]])}
        return render(self.request, "portal/code.html", context, status=status)
