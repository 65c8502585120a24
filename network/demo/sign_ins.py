"""The demo's sign-ins."""

from __future__ import annotations

from network.demo.orders import CONTACTS
from network.demo.places import PASSWORD, PEOPLE, PLACES
from orgs.rules.roles import ROLES


def sign_ins() -> list[dict[str, str]]:
    """E-mail, password, role, organization and network of everybody in the demo."""
    names = {"SAH": "Sahyadri Health"} | {place.code: place.name for place in PLACES}
    rows = [(one.email, one.role, names[one.at], "Sahyadri Health") for one in PEOPLE]
    rows.append(
        (
            "meera@sahyadri.example",
            "network_administrator",
            "Sahyadri Wellness Franchise",
            "Sahyadri Wellness Franchise",
        )
    )
    rows.append(
        (
            "maya@cascadia.example",
            "network_administrator",
            "Cascadia Health Network",
            "Cascadia Health Network",
        )
    )
    accounts = [
        {
            "email": email,
            "password": PASSWORD,
            "role": ROLES[role].label,
            "organization": place,
            "network": network,
        }
        for email, role, place, network in rows
    ]
    vendors = [
        {
            "email": email,
            "password": "",
            "role": f"Vendor contact ({role}); signs in by the link mailed from the vendor's page",
            "organization": names[code],
            "network": "Sahyadri Health",
        }
        for code, _, email, role in CONTACTS
    ]
    return accounts + vendors
