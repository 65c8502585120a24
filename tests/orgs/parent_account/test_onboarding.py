"""The checklist and the data ownership record of the Parent Account one works in."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.access import Denied
from core.actors import UserActor
from core.errors import Refused, Stale
from core.tenancy import bound
from orgs.actions.enterprise import Flow
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.onboarding import StepDetails, change_step, record_data_ownership
from orgs.models import DataOwnership, OnboardingStep
from orgs.rules.advisor import HIERARCHY, INDEPENDENCE, SEPARATION, advise
from tests.cast import SYSTEM, make_user

FLOW = Flow(True, "Names, nightly.", "Group IT", "Rejected rows are listed.")


@pytest.fixture
def step(world):
    return OnboardingStep.objects.create(title="Build the tree", position=1, target="12")


def details(**other):
    return StepDetails(
        **(
            {"owner": "Wes", "due_on": None, "metric": "", "target": "12", "result": "", "done": False}
            | other
        )
    )


def test_a_step_is_ticked_off_with_its_result_and_opened_again(world, step):
    with pytest.raises(Refused, match="what was reached of “12”") as refusal:
        change_step(SYSTEM, step, details=details(done=True), version=1)
    assert refusal.value.field == "result"
    done = change_step(SYSTEM, step, details=details(done=True, result="14"), version=1)
    assert (done.done_by, done.done_at is not None) == (SYSTEM.label, True)
    assert AuditEvent.objects.latest("pk").new["result"] == "14"
    again = change_step(SYSTEM, step, details=details(result="14"), version=2)
    assert (again.done_by, again.done_at) == ("", None)
    with pytest.raises(Stale):
        change_step(SYSTEM, step, details=details(), version=2)


def test_what_was_agreed_about_data_is_recorded_once_and_changed(world):
    with pytest.raises(Refused, match="how errors and mismatches"):
        record_data_ownership(SYSTEM, None, flow=Flow(True, "Names", "IT"), version=None)
    record = record_data_ownership(SYSTEM, None, flow=FLOW, version=None)
    with pytest.raises(Stale):
        record_data_ownership(SYSTEM, None, flow=FLOW, version=None)
    record_data_ownership(SYSTEM, record, flow=Flow(False), version=1)
    assert (DataOwnership.objects.get().must_flow, AuditEvent.objects.latest("pk").old["must_flow"]) == (
        False,
        True,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orgs_dataownership (must_flow, what_flows, api_owner, on_mismatch, agreed_by, agreed_at, version)"
        " VALUES (true, 'x', '', 'x', 'x', now(), 1)",
        "UPDATE orgs_onboardingstep SET done_at = now()",
        "UPDATE orgs_onboardingstep SET done_by = 'nobody'",
        "INSERT INTO orgs_onboardingstep (title, help, position, owner, metric, target, result, done_by, version)"
        " VALUES ('x', '', 1, '', '', '', '', '', 1)",
    ],
)
def test_the_database_refuses_what_is_half_said(world, step, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("hierarchy", HIERARCHY)
@pytest.mark.parametrize("independence", INDEPENDENCE)
@pytest.mark.parametrize("separation", SEPARATION)
def test_the_advisor_answers_everything_with_reasons(hierarchy, independence, separation):
    advice = advise(hierarchy, independence, separation)
    island = hierarchy == "deeper" or independence == "own" or separation == "apart"
    business = independence == "contract" or separation == "agreed"
    assert advice.kind == ("secondary" if island else "partner" if business else "sub")
    assert advice.reasons
    assert bool(advice.trade_offs) == island


def test_the_advisor_says_whom_to_ask(cast):
    url = reverse("advisor") + "?hierarchy=deeper&independence=own&separation=apart"
    page = cast.client("administrator").get(url).content.decode()
    assert "Open a secondary Parent Account" in page
    assert "Nobody owns the enterprise yet" in page


def test_who_administers_a_branch_changes_nothing_of_the_parent_account(world, step):
    """The role holds all permissions, but where it is held: the checklist is the whole network's."""
    user = make_user("Bea Branch", "bea@harbor.example")
    grant_membership(SYSTEM, world["S"], user=user, new=NewMembership(role="network_administrator"))
    branch = UserActor.of(user.pk, user.name)
    with pytest.raises(Denied):
        change_step(branch, step, details=details(done=True, result="14"), version=1)
    with pytest.raises(Denied):
        record_data_ownership(branch, None, flow=FLOW, version=None)


def test_who_administers_a_branch_is_not_offered_to(cast, browse):
    with bound(cast.network.pk):
        cast.users["bea"] = make_user("Bea Branch", "bea@harbor.example")
        new = NewMembership(role="network_administrator")
        grant_membership(SYSTEM, cast["S"], user=cast.users["bea"], new=new)
    client = browse("bea")
    assert client.get(reverse("data-ownership")).status_code == 403
    assert "Export content" not in client.get(reverse("parent-account")).content.decode()
