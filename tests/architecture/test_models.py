"""Models: every choice is a CHECK, keys stay inside the network, money and dates have their types."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from core.tenancy import TenantKey, TenantModel
from tests.architecture.sources import APPS

OURS = [model for app in apps.get_app_configs() if app.name in APPS for model in app.get_models()]


#: Choices that something else than a CHECK holds to.
HELD_OTHERWISE = {
    "ledger_account.code": "app.check_account, which also says which of them name a counterparty"
}


def listed(definition: str) -> set[str]:
    return set(re.findall(r"'([^']*)'", definition))


@pytest.fixture
def checks(db: None) -> dict[str, list[str]]:
    """The CHECK constraints of every table, as PostgreSQL prints them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
        )
        found: dict[str, list[str]] = {}
        for table, definition in cursor.fetchall():
            found.setdefault(table, []).append(definition)
    return found


def unchecked(model: Any, definitions: list[str]) -> list[str]:
    """Fields with choices whose values the table does not list, all and only."""
    wrong = []
    for field in model._meta.local_fields:
        if not field.choices or f"{model._meta.db_table}.{field.column}" in HELD_OTHERWISE:
            continue
        wanted = {str(value) for value, _ in field.flatchoices if value != ""}
        alone = [
            one
            for one in definitions
            if set(re.findall(r"\((\w+)\)::text|\b(\w+) = ANY", one))
            and re.search(rf"\b{field.column}\b", one)
        ]
        if not any(listed(one) == wanted for one in alone):
            wrong.append(f"{model._meta.db_table}.{field.column}: {sorted(wanted)}")
    return wrong


def test_every_choice_is_checked_by_the_database(checks):
    assert [wrong for model in OURS for wrong in unchecked(model, checks.get(model._meta.db_table, []))] == []


def test_a_choice_that_the_database_does_not_know_is_found(checks):
    from orgs.models import Organization

    definitions = [one.replace("'suspended'", "'paused'") for one in checks["orgs_organization"]]
    assert unchecked(Organization, definitions) == [
        "orgs_organization.status: ['active', 'archived', 'suspended']"
    ]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_fields_have_the_types_of_the_house(model):
    for field in model._meta.local_fields:
        name = field.name
        assert not isinstance(field, models.FloatField), name
        if name.endswith("_minor"):
            assert isinstance(getattr(field, "output_field", field), models.BigIntegerField), name
        if name == "currency":
            assert field.max_length == 3
        if name.endswith("_at"):
            assert isinstance(field, models.DateTimeField), name
        if name.endswith("_on"):
            assert isinstance(field, models.DateField), name
            assert not isinstance(field, models.DateTimeField), name


@pytest.mark.parametrize(
    "model", [model for model in OURS if issubclass(model, TenantModel)], ids=lambda model: model._meta.label
)
def test_keys_inside_a_network_are_tenant_keys(model):
    """Where the web role writes. What only the posting functions write, their deferred checks compare."""
    writable = re.search("INSERT|UPDATE", model.tenancy.web)
    for field in model._meta.local_fields:
        target = field.related_model
        if target is not None and issubclass(target, TenantModel):
            assert isinstance(field, TenantKey) or (not writable and not field.db_constraint), field.name
    assert not model._meta.local_many_to_many, "a table of its own, under the policy, instead"
    assert model._meta.base_manager.model is model


def test_every_model_has_a_docstring():
    assert [
        model._meta.label
        for model in OURS
        if not model.__doc__ or model.__doc__.startswith(f"{model.__name__}(")
    ] == []
