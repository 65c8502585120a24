"""Tabs that apps hang on another app's page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.modules import module_is_off, module_of
from core.registries import Registry, Tab, organization_tabs, patient_tabs
from core.views.base import ConsoleView


def _tabs(
    registry: Registry[Tab], view: ConsoleView, subject: Any, permission_target: Any
) -> list[dict[str, Any]]:
    shown = []
    for tab in sorted(registry, key=lambda tab: tab.order):
        off = tab.module and module_is_off(view.actor, tab.permission, module_of(tab.module), subject)
        if not off and tab.shown(subject) and view.may(tab.permission, permission_target):
            url = reverse(tab.url_name, args=[subject.pk])
            shown.append({"label": tab.label, "url": url, "current": view.request.path == url})
    return shown


def organization_tabs_for(view: ConsoleView, organization: Any) -> list[dict[str, Any]]:
    """The tabs of an organization's page that the person may open."""
    return _tabs(organization_tabs, view, organization, organization)


def patient_tabs_for(view: ConsoleView, patient: Any) -> list[dict[str, Any]]:
    """The tabs of a patient's page that the person may open."""
    return _tabs(patient_tabs, view, patient, patient)
