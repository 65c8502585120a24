"""Numbered system checks of the kernel: a misconfigured house doesn't start."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from core.ports import socket
from core.tenancy.models import TenantModel
from core.tenancy.outside import TABLES


@register("caretree")
def ports_are_plugged(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """caretree.E001: every port has its implementation."""
    return [
        Error(f"Nothing is plugged into the port {name!r}.", id="caretree.E001")
        for name in ("access", "audit", "outbox", "settings")
        if not hasattr(socket, name)
    ]


@register("caretree")
def tables_have_a_side(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """caretree.E002: every model is a tenant model or stands on the closed list of tables outside."""
    return [
        Error(
            f"{model._meta.label} is neither a TenantModel nor listed in core/tenancy/outside.py.",
            hint="Derive it from core.tenancy.TenantModel.",
            id="caretree.E002",
        )
        for model in apps.get_models(include_auto_created=True)
        if not issubclass(model, TenantModel)
        and model._meta.db_table not in TABLES
        and model._meta.db_table != "core_network"
        and model._meta.managed
    ]
