"""The built-in roles: named sets of permissions."""

from __future__ import annotations

from dataclasses import dataclass

from core.permissions import all_permissions

ADMINISTRATOR = "network_administrator"


@dataclass(frozen=True)
class Role:
    code: str
    label: str
    help: str

    @property
    def permissions(self) -> frozenset[str]:
        """The permission codes the role holds; the network administrator holds all."""
        return frozenset(
            one.code for one in all_permissions() if self.code == ADMINISTRATOR or self.code in one.roles
        )


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(ADMINISTRATOR, "Network administrator", "Everything in the network."),
        Role(
            "organization_administrator",
            "Organization administrator",
            "An organization, its people and its set-up.",
        ),
        Role("finance_officer", "Finance officer", "Catalog, rules, journal, periods and statements."),
        Role("finance_auditor", "Finance auditor", "Reads the books and the trail; changes nothing."),
        Role("front_desk", "Front desk", "Registers patients, sells, redeems and prints receipts."),
        Role("scheduler", "Scheduler", "Keeps calendars."),
        Role("clinician", "Clinician", "Sees patients and orders services."),
        Role("privacy_officer", "Privacy officer", "Reads who saw whom."),
        Role("vendor_manager", "Vendor manager", "Third parties, their prices and requests."),
    )
}

ROLE_CHOICES = [(role.code, role.label) for role in ROLES.values()]
