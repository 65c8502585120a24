"""What is edited between the dry run and the import is a conflict that is shown: nothing is written over it."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from core.tenancy import bound
from network.databases import name_of
from network.services import superuser_dsn
from orgs.actions.import_file import run_import, send_import, start_import
from orgs.actions.imports import import_organizations
from orgs.actions.organization import edit_contract, edit_organization
from orgs.imports.csv_file import read_csv
from orgs.models import Affiliation, ImportLine, OrganizationImport
from tests.cast import CONTRACT, SYSTEM, Cast, details
from tests.meeting import meeting

FILE = b"code,name,kind,parent_code,phone,legal_basis\nQ,Quay Partners,partner,P,555,new basis\n"
OURS = "our new basis"


def started(world: Cast) -> OrganizationImport:
    """The file was looked through and started; the worker hasn't begun."""
    administrator = world.actor("administrator")
    one = send_import(administrator, world["P"], file_name="o.csv", content=FILE, per_branch=False)
    assert one.changed_count == 1
    start_import(administrator, one, shown=one.fingerprint)
    return OrganizationImport.objects.select_related("organization").get(pk=one.pk)


def edit_the_contract(world: Cast) -> None:
    contract = Affiliation.objects.get(participant=world["Q"].pk)
    edit_contract(SYSTEM, contract, contract=replace(CONTRACT, legal_basis=OURS), version=contract.version)


def edit_the_phone(world: Cast) -> None:
    quay = world["Q"]
    edit_organization(
        SYSTEM, quay, details=replace(details("Quay Partners", "Q"), phone="777"), version=quay.version
    )


def came_to(world: Cast, one: OrganizationImport) -> tuple[str, str, str]:
    """The state of the import, and what stands at the partner."""
    basis = Affiliation.objects.get(participant=world["Q"].pk).legal_basis
    return OrganizationImport.objects.get(pk=one.pk).status, world["Q"].phone, basis


EDITS = pytest.mark.parametrize(
    ("edit", "phone", "basis"),
    [(edit_the_contract, "", OURS), (edit_the_phone, "777", CONTRACT.legal_basis)],
    ids=["contract", "phone"],
)


@EDITS
def test_what_was_edited_before_the_worker_began_is_shown_and_kept(world, edit, phone, basis):
    one = started(world)
    edit(world)
    run_import(one)
    assert came_to(world, one) == ("checked", phone, basis)
    assert "changed since the dry run" in OrganizationImport.objects.get(pk=one.pk).note
    line = ImportLine.objects.get(imported=one)
    assert (basis if phone == "" else phone) in line.text


@EDITS
def test_what_is_edited_while_the_worker_begins_is_shown_and_kept(own_world, edit, phone, basis):
    with bound(own_world.network.pk):
        one = started(own_world)
    meeting(own_world.network.pk, lambda: edit(own_world), lambda: run_import(one))
    with bound(own_world.network.pk):
        assert came_to(own_world, one) == ("checked", phone, basis)


def test_business_goes_on_while_a_file_is_imported(own_world):
    """What the file names is held against edits, not against sales there, which keep an organization from being ended."""
    with bound(own_world.network.pk), psycopg.connect(superuser_dsn(name_of()), autocommit=True) as other:
        assert import_organizations(SYSTEM, own_world["P"], read=read_csv(FILE)).changed
        ask = f"SELECT 1 FROM orgs_organization WHERE id = {own_world['Q'].pk} FOR "
        assert other.execute(ask + "KEY SHARE NOWAIT").fetchone() == (1,)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(ask + "UPDATE NOWAIT")
