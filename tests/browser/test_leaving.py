"""A partner is led out of the network: what stands in the way, the end, and its records opened and compared."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from playwright.sync_api import Page, expect

from core.tenancy import bound
from ledger.models import JournalLine
from orgs.actions.membership import NewMembership, grant_membership
from orgs.models import Departure, Membership, Organization
from patients.models import Registration
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage
from tests.cast import PASSWORD, SYSTEM, make_user


def do_business(stage: Stage) -> None:
    """A package of the parent, a service of it performed at the partner, and the partner's own administrator."""
    with bound(stage.network_id):
        sale = stage.sell(stage.register("Asha", "Rao", at="Q", number="MRN-1"))
        stage.redeem(sale, "PHYSIO", "Q")
        user = make_user("Petra Partner", "petra@quay.example")
        user.set_password(PASSWORD)
        user.save()
        stage.cast.users["partner_admin"] = user
        grant_membership(SYSTEM, stage.cast["Q"], user=user, new=NewMembership("organization_administrator"))


def settle(stage: Stage, amount: str) -> None:
    """What the page says an operator can do."""
    lines = (f"Q cash {amount}", f"Q due_from -{amount} P", f"P due_to {amount} Q", f"P cash -{amount}")
    given = [word for line in lines for word in ("--line", line)]
    network = ("--network", str(stage.network_id), "--organization", "Q")
    call_command("post_journal", *network, "--reason", "Paid", "--key", uuid4().hex, *given)


def open_guide(page: Page) -> None:
    page.goto("/console/organizations/?kind=partner")
    page.get_by_role("table").get_by_role("link", name="Quay Partners").click()
    page.get_by_role("link", name="Leave the network").click()
    expect(page.get_by_role("heading", name="Leave the network")).to_be_visible()


def downloaded(page: Page, folder: Path) -> dict[str, bytes]:
    with page.expect_download() as taken:
        page.get_by_role("link", name="own-records-Q-").first.click()
    path = folder / taken.value.suggested_filename
    taken.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"))))


def test_from_the_first_page_to_records_that_are_opened(
    browse: Browse, fresh_stage: Stage, worker: Callable[[], list[Any]], tmp_path: Path
) -> None:
    do_business(fresh_stage)
    page = browse("administrator")
    open_guide(page)
    expect(page.get_by_text("1 thing stands in the way")).to_be_visible()
    owed = page.get_by_role("link", name="Harbor Health owes Quay Partners")
    amount = owed.inner_text().split()[-2]
    expect(page.get_by_role("button", name="End it")).to_have_count(0)
    assert_accessible(page)
    owed.click()
    expect(page.get_by_role("table").get_by_text(amount).first).to_be_visible()

    settle(fresh_stage, amount)
    open_guide(page)
    expect(page.get_by_text("Nothing stands in the way")).to_be_visible()
    expect(page.get_by_role("link", name="Petra Partner, Organization administrator")).to_be_visible()

    page.get_by_label("Its name").fill("Quay")
    page.get_by_label("Reason").fill("The contract ended.")
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_role("alert").get_by_text("This is not its name")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("The contract ended.")
    assert_accessible(page)
    page.get_by_label("Its name").fill("Quay Partners")
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Quay Partners left the network on")).to_be_visible()
    expect(page.get_by_text("Being made", exact=True)).to_be_visible()
    with bound(fresh_stage.network_id):
        assert set(Organization.objects.filter(status="archived").values_list("code", flat=True)) == {
            "Q",
            "R",
        }
        assert Departure.objects.get().ended_by == "Ada Admin"

    told = {mail.to[0] for mail in worker()}
    assert {"petra@quay.example", "partner@harbor.example", "child@harbor.example"} <= told
    expect(page.get_by_role("link", name="own-records-Q-")).to_be_visible()
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page, colours_only=True)
    page.set_viewport_size(PHONE)
    assert_accessible(page, phone=True)
    assert_fits(page)

    files = downloaded(page, tmp_path)
    manifest = json.loads(files["manifest.json"])
    for one in manifest["files"]:
        assert hashlib.sha256(files[one["name"]]).hexdigest() == one["sha256"]
    with bound(fresh_stage.network_id):
        lines = JournalLine.objects.filter(organization__code__in=["Q", "R"]).count()
        known = set(Registration.objects.filter(organization__code="Q").values_list("patient", flat=True))
        roles = Membership.objects.filter(organization__code__in=["Q", "R"]).count()
    assert len(rows_of(files, "journal")) == lines > 0
    assert {int(row["patient"]) for row in rows_of(files, "patients")} == known
    assert len(rows_of(files, "people")) == roles
    said = {(row["account"], row["counterparty"]): row["balance"] for row in rows_of(files, "statement")}
    assert said["cash", ""] == amount
    assert said["due_from", "P"] == "0.00"


def test_the_partners_own_administrator_takes_its_records_along(
    browse: Browse, fresh_stage: Stage, worker: Callable[[], list[Any]], tmp_path: Path
) -> None:
    do_business(fresh_stage)
    page = browse("partner_admin")
    open_guide(page)
    expect(page.get_by_text("An administrator of the network’s parent organization ends it")).to_be_visible()
    expect(page.get_by_role("button", name="End it")).to_have_count(0)
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_text("Being made", exact=True)).to_be_visible()
    assert_accessible(page)
    worker()
    files = downloaded(page, tmp_path)
    assert [row["code"] for row in rows_of(files, "organizations")] == ["Q", "R"]
    assert [row["given name"] for row in rows_of(files, "patients")] == ["Asha"]
    whole = b"".join(files.values())
    assert b"North Clinic" not in whole
    assert b"Nora North" not in whole
