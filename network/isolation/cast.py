"""The cast: one small network that the walk and every test know, made by the product's own actions.

Harbor Health (parent, P)
|- North Clinic (sub, S)         front desk: Nora      administrator: Adam
|- South Clinic (sub, T)         front desk: Sam  (the sibling)
|- Quay Partners (partner, Q)    front desk: Quinn
|  `- Quay Annex (sub, R)        front desk: Rita (the child)
`- Xact Labs (third party, X), Yield Labs (third party, Y)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.test import Client

from core.actors import SystemActor, UserActor
from core.models import Enterprise, Network
from core.tenancy import bound
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.actions.organization import Contract, Details, add_organization
from orgs.middleware import SESSION_KEY
from orgs.queries import tree
from orgs.queries.organization import visible_organizations

if TYPE_CHECKING:
    from orgs.models import Organization
    from people.models import User

PASSWORD = "a long enough sentence"
#: What every text of a foreign network begins with, followed by the network's code.
CANARY = "CANARY"
SYSTEM = SystemActor.of("test")
CONTRACT = Contract(legal_basis="services agreement", starts_on=date(2020, 1, 1))

#: persona -> (name, organization code, role, scope)
PEOPLE = {
    "administrator": ("Ada Admin", "P", "network_administrator", "subtree"),
    "finance": ("Fay Finance", "P", "finance_officer", "subtree"),
    "auditor": ("Abe Auditor", "P", "finance_auditor", "subtree"),
    "vendor_manager": ("Vera Vendor", "P", "vendor_manager", "subtree"),
    "privacy": ("Pia Privacy", "P", "privacy_officer", "subtree"),
    "parent_desk": ("Paul Parent", "P", "front_desk", "this"),
    "local_admin": ("Adam Local", "S", "organization_administrator", "subtree"),
    "desk": ("Nora North", "S", "front_desk", "this"),
    "clinician": ("Cleo Clinician", "S", "clinician", "this"),
    "sibling": ("Sam South", "T", "front_desk", "this"),
    "partner": ("Quinn Quay", "Q", "front_desk", "subtree"),
    "child": ("Rita Annex", "R", "front_desk", "this"),
}


@dataclass
class Cast:
    """Handles on what was made; organizations and people by their short names."""

    enterprise: Enterprise
    network: Network
    organizations: dict[str, Organization]
    users: dict[str, User]
    foreign: list[Network] = field(default_factory=list)
    foreign_user: User | None = None

    def __getitem__(self, code: str) -> Organization:
        """An organization, fresh from the database."""
        return visible_organizations(SYSTEM).get(pk=self.organizations[code].pk)

    def actor(self, persona: str) -> UserActor:
        user = self.users[persona]
        return UserActor.of(user.pk, user.name)

    def network_of(self, persona: str) -> Network:
        """The network that a persona works in."""
        return self.foreign[0] if persona == "foreigner" else self.network

    def client(self, persona: str) -> Client:
        """A client signed in; 'stranger' isn't, 'foreigner' is of another network."""
        client = Client()
        if persona == "stranger":
            return client
        user = self.foreign_user if persona == "foreigner" else self.users[persona]
        assert user is not None
        client.force_login(user, backend="people.backends.EmailBackend")
        session = client.session
        session[SESSION_KEY] = self.network_of(persona).pk
        session.save()
        return client

    def post(self, client: Client, url: str, data: dict[str, Any] | None = None, **extra: Any) -> Any:
        """POST a form as the page would: with the network it was opened in."""
        return client.post(url, {"_network": str(self.network.pk)} | (data or {}), **extra)


def details(name: str, code: str) -> Details:
    return Details(name=name, code=code, time_zone="UTC")


def make_user(name: str, email: str) -> User:
    user = get_user_model()(email=email, name=name, password="!")
    user.save()
    return user


def build_cast(currency: str = "USD", max_sub_depth: int = 2) -> Cast:
    enterprise = create_enterprise(SYSTEM, code="harbor", name="Harbor Group")
    network = create_network(
        SYSTEM,
        enterprise,
        NewNetwork(code="P", name="Harbor Health", currency=currency, max_sub_depth=max_sub_depth),
    )
    organizations: dict[str, Organization] = {}
    users: dict[str, User] = {}
    with bound(network.pk):
        root = tree.root()
        organizations["P"] = root
        for code, name, kind, under in (
            ("S", "North Clinic", "sub", "P"),
            ("T", "South Clinic", "sub", "P"),
            ("Q", "Quay Partners", "partner", "P"),
            ("R", "Quay Annex", "sub", "Q"),
            ("X", "Xact Labs", "third_party", "P"),
            ("Y", "Yield Labs", "third_party", "P"),
        ):
            organizations[code] = add_organization(
                SYSTEM, organizations[under], kind=kind, details=details(name, code), contract=CONTRACT
            )
        for persona, (name, code, role, scope) in PEOPLE.items():
            users[persona] = make_user(name, f"{persona}@harbor.example")
            grant_membership(
                SYSTEM,
                organizations[code],
                user=users[persona],
                new=NewMembership(role=role, scope=scope, starts_on=date(2020, 1, 1)),
            )
    cast = Cast(enterprise, network, organizations, users)
    _build_foreign(cast)
    return cast


def _build_foreign(cast: Cast) -> None:
    """A second Parent Account of the same enterprise and one of another: every text in them is a canary."""
    other = create_enterprise(SYSTEM, code="canary", name=f"{CANARY}C2 Group")
    for enterprise, code in ((cast.enterprise, "C1"), (other, "C2")):
        word = CANARY + code
        new = NewNetwork(code=code, name=f"{word} network", currency="USD", max_sub_depth=2)
        network = create_network(SYSTEM, enterprise, new)
        cast.foreign.append(network)
        with bound(network.pk):
            branch = add_organization(
                SYSTEM, tree.root(), kind="sub", details=details(f"{word} branch", f"{code}B")
            )
            user = make_user(f"{word} person", f"{word.lower()}.person@foreign.example")
            grant_membership(
                SYSTEM,
                tree.root(),
                user=user,
                new=NewMembership(role="network_administrator", starts_on=date(2020, 1, 1)),
            )
            cast.organizations[f"{code}B"] = branch
        if cast.foreign_user is None:
            cast.foreign_user = user
