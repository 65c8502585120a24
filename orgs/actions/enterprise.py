"""Opening a secondary Parent Account: what an enterprise owner does outside any network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from audit.trail import append_system_event
from core.actors import Actor, SystemActor, UserActor
from core.clock import now, today_in
from core.errors import Refused
from core.models import Enterprise, Network
from core.refusals import refusals
from core.tenancy import bound
from orgs.actions.invitation import invite
from orgs.actions.membership import NewMembership
from orgs.actions.network import NewNetwork, create_network
from orgs.models import DataOwnership, EnterpriseOwner, OnboardingStep
from orgs.queries import tree
from orgs.queries.enterprise import owns
from orgs.rules.onboarding import STEPS
from orgs.rules.roles import ADMINISTRATOR


@dataclass(frozen=True)
class Flow:
    """What was agreed about data that flows in or out; the words are needed where data must flow."""

    must_flow: bool
    what_flows: str = ""
    api_owner: str = ""
    on_mismatch: str = ""


@dataclass(frozen=True)
class NewAccount:
    """A Parent Account to be opened, its first administrator, and what was agreed about its data."""

    network: NewNetwork
    administrator_name: str
    administrator_email: str
    flow: Flow
    trade_offs_accepted: bool


@transaction.atomic
def open_parent_account(actor: UserActor, enterprise: Enterprise, new: NewAccount) -> Network:
    """Open another Parent Account of an enterprise, leave nothing bound, and invite its administrator.

    Who may: an owner of the enterprise. Effect: an island with its parent organization, an onboarding checklist and
    its data ownership record; nothing of any other Parent Account goes along. Refusals: not an owner, trade-offs not
    accepted, an incomplete record of what flows, what `create_network` refuses. Audit: in the new network and in
    the system trail, by the owner's name.
    """
    if not owns(actor, enterprise):
        raise Refused("not_permitted", f"Only an owner of {enterprise.name} opens its Parent Accounts.")
    if not new.trade_offs_accepted:
        raise Refused(
            "not_permitted",
            "Say that the trade-offs are accepted: they can't be taken back later.",
            field="trade_offs_accepted",
        )
    check_flow(new.flow)
    system = SystemActor.of(f"Parent Account opened by {actor.label}"[:200])
    network = create_network(system, enterprise, new.network)
    append_system_event(actor, "parent_account.opened", network_id=network.pk, enterprise_id=enterprise.pk)
    with refusals(), bound(network.pk):
        root, today = tree.root(), today_in(network.time_zone)
        OnboardingStep.objects.bulk_create(
            OnboardingStep(
                title=step.title,
                help=step.help,
                position=place,
                due_on=today + timedelta(days=step.due_after),
                metric=step.metric,
                target=step.target,
            )
            for place, step in enumerate(STEPS, start=1)
        )
        DataOwnership.objects.create(**vars(new.flow), agreed_by=actor.label[:200], agreed_at=now())
        invite(
            system,
            root,
            email=new.administrator_email,
            name=new.administrator_name,
            new=NewMembership(role=ADMINISTRATOR),
        )
    return network


def check_flow(flow: Flow) -> None:
    """Refuse a record that says that data flows and leaves open what, by whose API, and what happens on errors."""
    if not flow.must_flow:
        return
    for field, question in (
        ("what_flows", "what flows, and which way"),
        ("api_owner", "who owns the API logic and keeps it working"),
        ("on_mismatch", "how errors and mismatches are handled"),
    ):
        if not getattr(flow, field).strip():
            raise Refused("invalid", f"Data must flow, so say {question}.", field=field)


def grant_ownership(actor: Actor, enterprise: Enterprise, *, user_id: int) -> EnterpriseOwner:
    """Make a person an owner of an enterprise; the system does so. Repeating it changes nothing. Audited."""
    if not isinstance(actor, SystemActor):
        raise Refused("not_permitted", "Owners of an enterprise are appointed by whoever runs Caretree.")
    with transaction.atomic():
        owner, made = EnterpriseOwner.objects.get_or_create(
            enterprise=enterprise, user_id=user_id, ended_at=None, defaults={"granted_by": actor.label[:200]}
        )
        if made:
            append_system_event(
                actor, "enterprise.owner_granted", enterprise=enterprise.code, user_id=user_id
            )
    return owner
