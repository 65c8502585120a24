"""Settings over the whole network: where each is set."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse

from core.clock import now
from core.settings import NETWORK_WIDE, Setting, all_settings, setting_of
from core.views.base import ConsoleView
from core.views.list import BulkAction, ListPage
from orgs.forms.setting import (
    PolicyFilter,
)
from orgs.models import Organization
from orgs.permissions import SETTING_VIEW
from orgs.queries import tree
from orgs.queries.access import organizations_for
from orgs.queries.decision import to_decide
from orgs.queries.setting import lines_by_key, lines_of, resolution_of, resolutions_at
from orgs.tables.setting import SpreadFilter, SpreadTable
from orgs.views.setting import SettingRow

CRUMB = {"label": "Policies", "url": "/console/settings/"}


class SettingList(ConsoleView):
    """Every setting: its value at the top, and where it is set."""

    permission = SETTING_VIEW

    def get(self, request: Any) -> HttpResponse:
        top = tree.topmost(organizations_for(self.actor, SETTING_VIEW))
        assert top is not None
        form = PolicyFilter(request.GET)
        resolutions = resolutions_at(top, [setting.key for setting in all_settings()])
        own = self._own_values()
        waiting = to_decide(self.actor)
        rows = [
            {
                "row": SettingRow(setting, resolutions[setting.key], top),
                "own": own[setting.key],
                "is_network_wide": setting.kinds == NETWORK_WIDE,
            }
            for setting in all_settings()
            if form.keeps(setting, changed=bool(own[setting.key]))
        ]
        context = {
            "title": "Policies",
            "description": f"Every setting, its value at {top.name}, and where it is set.",
            "filter_form": form,
            "rows": rows,
            "top": top,
            "actions": [
                {
                    "label": f"Waivers, {waiting} to decide" if waiting else "Waivers",
                    "url": reverse("waiver-list"),
                    "icon": "shield-check",
                },
                {"label": "Changes", "url": reverse("setting-batches"), "icon": "history"},
                {
                    "label": "Apply to many",
                    "url": reverse("setting-apply"),
                    "icon": "list-checks",
                    "style": "primary",
                },
            ],
        }
        if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
            return self.page("orgs/setting_rows.html", context)
        return self.page("orgs/setting_list.html", context)

    def _own_values(self) -> Counter[str]:
        """By key, how many of the organizations one may see have a value of their own in force."""
        by_key = lines_by_key()
        places = {place for of_key in by_key.values() for place in of_key}
        seen = set(
            organizations_for(self.actor, SETTING_VIEW).filter(pk__in=places).values_list("pk", flat=True)
        )
        moment = now()
        return Counter(
            key
            for key, of_key in by_key.items()
            for place, lines in of_key.items()
            if place in seen and any(line.covers(moment) and not line.waiver for line in lines)
        )


def known_setting(key: str) -> Setting[Any]:
    """A setting by its key, or Http404."""
    try:
        return setting_of(key)
    except KeyError:
        raise Http404("There is no such setting.") from None


class SettingOf(ConsoleView, abstract=True):
    """A page about one setting."""

    setting: Setting[Any]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.setting = known_setting(kwargs["key"])


class SettingSpread(SettingOf, ListPage):
    """One setting over all organizations that it applies to."""

    permission = SETTING_VIEW
    table_class = SpreadTable
    filter_class = SpreadFilter

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.setting.label

    def bulk_actions(self) -> list[BulkAction]:
        if not self.may(self.setting.permission):
            return []
        url = reverse("setting-apply")
        return [BulkAction("Apply a value", "list-checks", url, "key", self.setting.key)]

    def get_rows(self) -> QuerySet[Organization]:
        self.request.own_values = list(lines_of(self.setting.key))  # type: ignore[attr-defined]
        return (
            organizations_for(self.actor, SETTING_VIEW)
            .filter(kind__in=self.setting.kinds)
            .exclude(status=Organization.Status.ARCHIVED)
        )

    def decorate(self, records: Any) -> None:
        resolutions = resolution_of(self.setting.key, [record.pk for record in records])
        changeable = set(
            organizations_for(self.actor, self.setting.permission)
            .filter(pk__in=[record.pk for record in records])
            .values_list("pk", flat=True)
        )
        for record in records:
            record.row = SettingRow(
                self.setting, resolutions[record.pk], record, may_change=record.pk in changeable
            )

    def get_context(self) -> dict[str, Any]:
        return {
            "description": f"{self.setting.help} Caretree’s own value: {self.setting.show(self.setting.default)}.",
            "crumbs": [CRUMB],
            "list_title": "Organizations",
            "actions": self._actions() if self.may(self.setting.permission) else [],
        }

    def _actions(self) -> list[dict[str, Any]]:
        """For many, and for all at once: at the topmost organization where the actor may."""
        many = f"{reverse('setting-apply')}?key={self.setting.key}"
        found: list[dict[str, Any]] = [{"label": "Apply to many", "url": many, "icon": "list-checks"}]
        top = tree.topmost(organizations_for(self.actor, self.setting.permission))
        if top is not None:
            edit = reverse("setting-edit", args=[top.pk, self.setting.key])
            found.append(
                {
                    "label": f"Change at {top.name}",
                    "url": edit,
                    "icon": "pencil",
                    "style": "primary",
                    "dialog": True,
                }
            )
        return found
