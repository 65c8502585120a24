"""A filled network among canaries, committed once; every case is rolled back."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from core.tenancy import bound
from ledger.models import EntitlementLine
from network.databases import login
from network.isolation import canaries
from network.isolation.catalogue import tenant_tables
from patients.queries.patient import patients_for
from tests import databases
from tests.browser.stage import Stage, build_stage, examples, fill
from tests.cast import SYSTEM
from tests.input.world import World

#: A slow hash proves nothing here, and neither does waiting for a limit of tries that no rollback takes back.
QUICK = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "ACCOUNT_RATE_LIMITS": False}

#: Tables whose rows have pages or stand in lists to choose from.
SUBJECTS = (
    "orgs_organization",
    "orgs_membership",
    "orgs_invitation",
    "patients_patient",
    "ledger_service",
    "ledger_taxcode",
    "ledger_package",
    "ledger_entitlement",
    "vendors_vendorservice",
    "vendors_vendorcontact",
    "vendors_servicerequest",
)


@pytest.fixture(scope="session")
def standing_world(django_db_blocker: pytest.FixtureRequest) -> Iterator[tuple[str, World]]:
    """The story's network after months of work, and a canary in every tenant table of the foreign networks."""
    with django_db_blocker.unblock(), databases.clone("input") as name:
        with databases.used(name), override_settings(**QUICK):
            stage = build_stage()
            fill(stage)
            records = examples(stage) | more_records(stage)
        failed = canaries.plant_in(name)
        assert not failed, "\n".join(map(str, failed.items()))
        with login("migrator", name) as administrator:
            tables = set(tenant_tables(administrator.cursor()))
            foreign = canaries.ids_of(administrator, stage.cast.foreign[0].pk, SUBJECTS)
        yield name, World(stage, records, foreign, tables)


def more_records(stage: Stage) -> dict[str, int | str]:
    with bound(stage.network_id):
        line = EntitlementLine.objects.get(entitlement=stage.entitlement, service__code="PHYSIO")
        others = patients_for(SYSTEM).exclude(pk=stage.entitlement.patient_id).order_by("pk")
        other_patient = others.values_list("pk", flat=True)[0]
    return {
        "one": 1,
        "import_format": "path",
        "no_logo": "0" * 64,
        "sibling": stage.cast.organizations["T"].pk,
        "open_line": line.pk,
        "other_patient": other_patient,
        "open_entitlement": stage.entitlement.pk,
    }


@pytest.fixture
def world(standing_world: tuple[str, World], django_db_blocker: Any, settings: Any) -> Iterator[World]:
    """That network inside one transaction; whatever the test does is rolled back."""
    for setting, value in QUICK.items():
        setattr(settings, setting, value)
    name, standing = standing_world
    with django_db_blocker.unblock(), databases.used(name), transaction.atomic():
        yield copy.deepcopy(standing)
        transaction.set_rollback(True)
