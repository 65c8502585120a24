"""The loader makes data on which everything that can be proven holds."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from core.actors import SystemActor
from core.models import Network
from core.tenancy import bound
from ledger.models import BalanceDelta, EntitlementLine, JournalLine, LedgerEvent, Sale
from ledger.queries.replay import replay
from network.bench.load import AlreadyLoadedError, load
from orgs.models import Affiliation, Organization
from patients.models import Patient, Registration
from patients.queries.patient import patients_for, search_patients
from tests.network.bench.conftest import TINY
from vendors.models import ServiceRequest


def test_as_much_as_was_asked_for(loaded: Network) -> None:
    with bound(loaded.pk):
        assert Organization.objects.count() == TINY.organizations
        assert Patient.objects.count() == TINY.patients
        assert TINY.lines <= JournalLine.objects.count() < TINY.lines + 20
        assert set(LedgerEvent.objects.values_list("kind", flat=True)) >= {"sale", "redemption", "charge"}
        assert LedgerEvent.objects.filter(kind="redemption", line_count=6).exists()
        assert ServiceRequest.objects.count() == TINY.patients // 10


def test_the_tree_and_the_ledger_are_proven(loaded: Network) -> None:
    for command in ("verify_tree", "verify_ledger"):
        call_command(command, network=loaded.pk, stdout=StringIO())


def test_balances_are_folded(loaded: Network) -> None:
    with bound(loaded.pk):
        assert not BalanceDelta.objects.exists()


def test_stored_inputs_give_the_posted_lines_again(loaded: Network) -> None:
    with bound(loaded.pk):
        for event in LedgerEvent.objects.select_related("rule_version__rule", "voids"):
            posted = JournalLine.objects.filter(event=event).order_by("line_no")
            wanted = [(line.organization_id, line.amount_minor) for line in replay(event)]
            assert wanted == list(posted.values_list("organization_id", "amount_minor")), event.inputs


def test_what_was_sold_has_its_document_and_is_used_where_the_patient_is_known(loaded: Network) -> None:
    with bound(loaded.pk):
        assert Sale.objects.count() == LedgerEvent.objects.filter(kind="sale").count()
        assert EntitlementLine.objects.filter(left_units__lt=F("quantity")).exists()
        for movement in LedgerEvent.objects.filter(kind="redemption", movements__units=-1).values_list(
            "organization_id", "movements__entitlement_line__entitlement__patient_id"
        ):
            assert Registration.objects.filter(organization=movement[0], patient=movement[1]).exists()


def test_patients_are_found_and_contracts_are_there(loaded: Network) -> None:
    with bound(loaded.pk):
        somebody = Patient.objects.order_by("pk")[7]
        everybody = patients_for(SystemActor.of("test"))
        for text in (somebody.full_name, somebody.phone, "BM0000007"):
            assert somebody in search_patients(everybody, text)
        outside = Organization.objects.filter(kind__in=["partner", "third_party"])
        assert Affiliation.objects.count() == outside.count() > 0


def test_a_network_that_is_there_is_left_alone(loaded: Network) -> None:
    with pytest.raises(AlreadyLoadedError):
        load("TINY", TINY, lambda what, made, of: None)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("load_benchmark", network_code="TINY", stderr=StringIO())
    with bound(loaded.pk):
        assert Organization.objects.count() == TINY.organizations


@pytest.mark.parametrize(
    "wrong", [{"network_code": "a b"}, {"organizations": 3}, {"lines": 0}, {"patients": -1}]
)
def test_nonsense_is_refused(loaded: Network, wrong: dict) -> None:
    with pytest.raises(CommandError):
        call_command("load_benchmark", stderr=StringIO(), **({"network_code": "OTHER"} | wrong))
