"""The demo's other Parent Accounts: one of the same enterprise, opened by its owner, and one of another enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import UserActor
from core.tenancy import bound
from network.demo.places import OPENED, SYSTEM, person
from orgs.actions.enterprise import Flow, NewAccount, grant_ownership, open_parent_account
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.actions.onboarding import StepDetails, change_step
from orgs.actions.organization import Details, add_organization
from orgs.queries import tree
from orgs.queries.enterprise import checklist

if TYPE_CHECKING:
    from core.models import Network
    from people.models import User


def build_other_networks() -> None:
    """Both, each with two subs and an administrator."""
    owner = person("Meera Kulkarni", "meera@sahyadri.example")
    group = create_enterprise(SYSTEM, code="sahyadri", name="Sahyadri Health Group")
    grant_ownership(SYSTEM, group, user_id=owner.pk)
    wellness = open_parent_account(
        UserActor.of(owner.pk, owner.name),
        group,
        NewAccount(
            NewNetwork("SWF", "Sahyadri Wellness Franchise", "INR", "Asia/Kolkata", 1, locale="en-IN"),
            "Anil Deshpande",
            "anil@wellness.example",
            Flow(
                must_flow=True,
                what_flows="Names and phones of those who agreed, from the hospitals to the franchise, once a night.",
                api_owner="Group IT, Nisha Patil",
                on_mismatch="Rejected records are listed for the franchise's front desk, who asks the patient.",
            ),
            trade_offs_accepted=True,
        ),
    )
    _fill_network(wellness, (("SWM", "Wellness Mumbai", "Mumbai"), ("SWT", "Wellness Thane", "Thane")), owner)
    with bound(wellness.pk):
        _go_through_checklist(UserActor.of(owner.pk, owner.name))
    abroad = create_enterprise(SYSTEM, code="cascadia", name="Cascadia Health System")
    cascadia = create_network(
        SYSTEM,
        abroad,
        NewNetwork("CHN", "Cascadia Health Network", "USD", "America/Los_Angeles", 2, locale="en-US"),
    )
    _fill_network(
        cascadia,
        (("HBM", "Harborview Bay Medical Center", "Seattle"), ("BFC", "Ballard Family Clinic", "Seattle")),
        person("Maya Okafor", "maya@cascadia.example"),
    )


def _fill_network(network: Network, subs: tuple[tuple[str, str, str], ...], administrator: User) -> None:
    with bound(network.pk):
        for code, name, city in subs:
            details = Details(name=name, code=code, time_zone=network.time_zone, city=city)
            add_organization(SYSTEM, tree.root(), kind="sub", details=details)
        membership = NewMembership(role="network_administrator", starts_on=OPENED)
        grant_membership(SYSTEM, tree.root(), user=administrator, new=membership)


def _go_through_checklist(owner: UserActor) -> None:
    """The first steps are done, the rest have somebody who does them."""
    for step in checklist():
        done = step.position <= 3
        details = StepDetails(
            "Anil Deshpande" if step.position % 2 else owner.label,
            step.due_on,
            step.metric,
            step.target,
            step.target if done else "",
            done,
        )
        change_step(owner, step, details=details, version=step.version)
