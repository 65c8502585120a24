"""The demo's organizations and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.actors import SystemActor
from core.models import Network
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import Contract, Details, add_organization
from orgs.queries import tree
from people.actions.user import register_person
from people.queries.user import user_by_email

if TYPE_CHECKING:
    from orgs.models import Organization
    from people.models import User

SYSTEM = SystemActor.of("demo network")
PASSWORD = "caretree-demo-2026"
OPENED = date(2024, 4, 1)


@dataclass(frozen=True)
class Place:
    """An organization of the demo: its code, name, kind, the code above, its address and its contract."""

    code: str
    name: str
    kind: str
    under: str
    address: str
    city: str
    phone: str
    contract: Contract | None = None


@dataclass(frozen=True)
class Person:
    """Somebody with a role: name, e-mail, role, code of the organization, scope."""

    name: str
    email: str
    role: str
    at: str
    scope: str = "subtree"


PARTNERSHIP = Contract(
    "Cooperation agreement, services performed", date(2024, 7, 1), None, "CA-2024-07", ("provider",)
)
WOMENS_HEALTH = Contract(
    "Cooperation agreement, services performed", date(2025, 1, 15), None, "CA-2025-02", ("provider",)
)
LAB = Contract(
    "Laboratory services agreement", date(2024, 4, 1), None, "LS-2024-01", ("diagnostics", "laboratory")
)
IMAGING = Contract(
    "Imaging services agreement",
    date(2024, 9, 1),
    date(2027, 8, 31),
    "IM-2024-03",
    ("diagnostics", "imaging"),
)
SUPPLY = Contract(
    "Home collection agreement", date(2025, 3, 1), None, "HC-2025-01", ("diagnostics", "supplier")
)

PLACES = (
    Place("PUN", "Pune Region", "sub", "SAH", "12 Ganeshkhind Road", "Pune", "+91 20 5550 0110"),
    Place("SHI", "Shivajinagar Hospital", "sub", "PUN", "4 Jangali Maharaj Road", "Pune", "+91 20 5550 0121"),
    Place("KOT", "Kothrud Clinic", "sub", "PUN", "88 Karve Road", "Pune", "+91 20 5550 0132"),
    Place("BAN", "Baner Clinic", "sub", "PUN", "7 Balewadi High Street", "Pune", "+91 20 5550 0143"),
    Place("NAG", "Nagpur Region", "sub", "SAH", "21 Wardha Road", "Nagpur", "+91 712 555 0150"),
    Place("SIT", "Sitabuldi Clinic", "sub", "NAG", "3 Abhyankar Road", "Nagpur", "+91 712 555 0161"),
    Place("DHA", "Dharampeth Clinic", "sub", "NAG", "45 West High Court Road", "Nagpur", "+91 712 555 0172"),
    Place(
        "DEC",
        "Deccan Physiotherapy",
        "partner",
        "SAH",
        "16 Fergusson College Road",
        "Pune",
        "+91 20 5550 0210",
        PARTNERSHIP,
    ),
    Place(
        "KON",
        "Konkan Women's Clinic",
        "partner",
        "SAH",
        "9 Mandvi Road",
        "Ratnagiri",
        "+91 2352 555 221",
        WOMENS_HEALTH,
    ),
    Place(
        "PRE",
        "Precision Path Labs",
        "third_party",
        "SAH",
        "Plot 31, Hinjawadi Phase 1",
        "Pune",
        "+91 20 5550 0310",
        LAB,
    ),
    Place(
        "CLE",
        "ClearView Imaging",
        "third_party",
        "SAH",
        "2 Senapati Bapat Road",
        "Pune",
        "+91 20 5550 0322",
        IMAGING,
    ),
    Place(
        "MED",
        "Meditrans Home Collection",
        "third_party",
        "SAH",
        "60 Nagar Road",
        "Pune",
        "+91 20 5550 0333",
        SUPPLY,
    ),
)

PEOPLE = (
    Person("Meera Kulkarni", "meera@sahyadri.example", "network_administrator", "SAH"),
    Person("Rohan Deshpande", "rohan@sahyadri.example", "finance_officer", "SAH"),
    Person("Leela Iyer", "leela@sahyadri.example", "finance_auditor", "SAH"),
    Person("Farah Sheikh", "farah@sahyadri.example", "privacy_officer", "SAH"),
    Person("Vikram Joshi", "vikram@sahyadri.example", "vendor_manager", "SAH"),
    Person("Asha Patil", "asha@sahyadri.example", "front_desk", "SAH", "this"),
    Person("Sunil Gokhale", "sunil@sahyadri.example", "organization_administrator", "PUN"),
    Person("Nisha Bhosale", "nisha@sahyadri.example", "front_desk", "SHI", "this"),
    Person("Karan Shinde", "karan@sahyadri.example", "front_desk", "KOT", "this"),
    Person("Pooja Raut", "pooja@sahyadri.example", "front_desk", "SIT", "this"),
    Person("Dr. Anil Phadke", "anil@sahyadri.example", "clinician", "SHI", "this"),
    Person("Tara D'Souza", "tara@deccanphysio.example", "front_desk", "DEC"),
    Person("Imran Qureshi", "imran@deccanphysio.example", "finance_auditor", "DEC"),
    Person("Kavita Kale", "kavita@deccanphysio.example", "finance_officer", "DEC"),
    Person("Sneha Kadam", "sneha@konkanclinic.example", "front_desk", "KON"),
)


def build_places(network: Network) -> dict[str, Organization]:
    """Add the organizations; the network is bound. Returns them by code."""
    found = {"SAH": tree.root()}
    for place in PLACES:
        details = Details(
            name=place.name,
            code=place.code,
            time_zone="Asia/Kolkata",
            phone=place.phone,
            email=f"desk.{place.code.lower()}@sahyadri.example",
            address=place.address,
            city=place.city,
            state="Maharashtra",
            country="IN",
        )
        found[place.code] = add_organization(
            SYSTEM, found[place.under], kind=place.kind, details=details, contract=place.contract
        )
    return found


def person(name: str, email: str) -> User:
    """A person with the demo's password; the same address again gives the person that is there."""
    return user_by_email(email) or register_person(email, name, PASSWORD)


def build_people(organizations: dict[str, Organization]) -> None:
    for one in PEOPLE:
        new = NewMembership(role=one.role, scope=one.scope, starts_on=OPENED)
        grant_membership(SYSTEM, organizations[one.at], user=person(one.name, one.email), new=new)
