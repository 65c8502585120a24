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


@dataclass(frozen=True)
class Difference:
    """What somebody gains and loses who holds one role instead of another: labels of permissions, in their order."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]


def difference(old: str, new: str) -> Difference:
    """What changes with the role; a role that isn't built in any more holds nothing."""
    before, after = (ROLES[code].permissions if code in ROLES else frozenset[str]() for code in (old, new))
    labels = [(one.code, one.label) for one in all_permissions() if not one.code.startswith("portal:")]
    return Difference(
        tuple(label for code, label in labels if code in after - before),
        tuple(label for code, label in labels if code in before - after),
    )


ROLE_CHOICES = [(role.code, role.label) for role in ROLES.values()]
