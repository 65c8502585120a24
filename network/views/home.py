"""The front door, the overview and the search palette."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.generic import View

from core.registries import search_sources
from core.views.base import ConsoleView
from network.overview import overview
from orgs.permissions import ORGANIZATION_VIEW

HITS = 6


@method_decorator(login_not_required, name="dispatch")
class Front(View):
    """`/`: the sign-in page for a stranger (public: it is how one becomes known), the console for the rest."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return HttpResponseRedirect("/console/")
        return LoginView.as_view()(request)


class Home(ConsoleView):
    """The overview: what is going on in the organizations one may see."""

    permission = ORGANIZATION_VIEW

    def get(self, request: Any) -> HttpResponse:
        return self.page("console/home.html", overview(self.actor, self.request.network))


class Search(ConsoleView):
    """The palette behind Ctrl-K."""

    permission = ORGANIZATION_VIEW

    def get(self, request: Any) -> HttpResponse:
        typed = request.GET.get("q", "").strip()[:100]
        groups = []
        if len(typed) >= 2:
            found = ((source.title, source.find(self.actor, typed, HITS)) for source in search_sources)
            groups = [(title, hits) for title, hits in found if hits]
        context = {"groups": groups, "typed": typed}
        return self.page("console/search_results.html", context)
