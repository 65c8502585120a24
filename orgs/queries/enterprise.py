"""Reads of enterprises by their owners: the list of Parent Accounts and how far each is, and no data inside one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from core.actors import UserActor
from core.models import Enterprise, Network
from core.settings import why
from core.tenancy import bound
from orgs.models import EnterpriseOwner, OnboardingStep
from orgs.queries.membership import networks_of_user
from orgs.queries.tree import root
from orgs.rules.settings import MFA_REQUIRED
from orgs.rules.signin import ADMINISTRATORS, is_asked


@dataclass(frozen=True)
class ParentAccount:
    """A Parent Account as its enterprise's owner sees it: name, status and checklist."""

    network: Network
    steps: list[OnboardingStep]
    is_member: bool

    @property
    def done(self) -> int:
        return sum(step.done_at is not None for step in self.steps)


def enterprises_of(actor: UserActor) -> QuerySet[Enterprise]:
    """The enterprises that a person owns."""
    assert actor.id is not None
    return Enterprise.objects.filter(owners__user_id=actor.id, owners__ended_at=None).order_by("name")


def owns(actor: UserActor, enterprise: Enterprise) -> bool:
    assert actor.id is not None
    return EnterpriseOwner.objects.filter(enterprise=enterprise, user_id=actor.id, ended_at=None).exists()


def owner_names(enterprise: Enterprise) -> list[str]:
    """The names of an enterprise's owners."""
    owners = EnterpriseOwner.objects.filter(enterprise=enterprise, ended_at=None)
    return list(owners.order_by("user__name").values_list("user__name", flat=True))


def parent_accounts(actor: UserActor, enterprise: Enterprise) -> list[ParentAccount]:
    """The Parent Accounts of an enterprise, each read with itself bound; nothing is bound before or after."""
    assert actor.id is not None
    mine = set(networks_of_user(actor.id))
    found = []
    for network_id in _networks_of(enterprise.pk):
        with bound(network_id):
            network = Network.objects.get(pk=network_id)
            found.append(ParentAccount(network, list(checklist()), network_id in mine))
    return found


def factor_asked_of_owner(actor: UserActor) -> tuple[str, str] | None:
    """A network of the person's enterprises that asks its administrators for a second factor: its name, and why.

    Whoever opens Parent Accounts counts as an administrator of each, a member or not.
    """
    for enterprise in enterprises_of(actor):
        for network_id in _networks_of(enterprise.pk):
            with bound(network_id):
                if is_asked(MFA_REQUIRED.at_network(), ADMINISTRATORS):
                    return Network.objects.get(pk=network_id).name, why(MFA_REQUIRED, root())
    return None


def checklist() -> QuerySet[OnboardingStep]:
    """The bound network's onboarding steps in their order."""
    return OnboardingStep.objects.order_by("position")


def _networks_of(enterprise_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_of_enterprise(%s)", [enterprise_id])
        return [row[0] for row in cursor.fetchall()]


def like_the_first(enterprise: Enterprise) -> dict[str, str]:
    """Currency and time zone of an enterprise's first Parent Account: what another one probably has."""
    for network_id in _networks_of(enterprise.pk)[:1]:
        with bound(network_id):
            first = Network.objects.get(pk=network_id)
            return {"currency": first.currency, "time_zone": first.time_zone}
    return {}
