"""The demo's patients: names as they are in Maharashtra, made up by a fixed seed."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.actors import Actor
from patients.actions.details import Details
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient

if TYPE_CHECKING:
    from orgs.models import Organization
    from patients.models import Patient

GIVEN = {
    "female": "Asha Priya Sunita Kavita Anjali Meenal Rutuja Snehal Pallavi Vaishali Madhuri Sayali Gauri Manisha Shraddha Aarti Neha Deepa Rekha Lata Fatima Zoya Maria Jyoti Swati".split(),
    "male": "Rahul Amit Suresh Prakash Nilesh Ganesh Vishal Sachin Mahesh Ajay Sanjay Yogesh Omkar Tushar Akshay Rohit Siddharth Aditya Imran Yusuf John Vinod Dilip Kishor Santosh".split(),
}
FAMILY = (
    "Patil Kulkarni Deshmukh Jadhav Pawar Shinde More Gaikwad Chavan Bhosale Kale Joshi Sawant Kadam Mane Salunkhe "
    "Ghorpade Thorat Wagh Nikam Shaikh Khan Fernandes Pereira Iyer Rao Reddy Gokhale Apte Bapat Karve Phadke Sathe "
    "Tilak Ranade Damle Limaye Godbole Kelkar Mahajan"
).split()
STREETS = (
    "Karve Road",
    "Paud Road",
    "Law College Road",
    "Sinhagad Road",
    "Aundh Road",
    "Wardha Road",
    "Amravati Road",
)
COUNT = 300
CONSENTS = ("permit", "permit", "unknown", "deny", "permit")
HOMES = ("SAH", "SHI", "SHI", "SHI", "KOT", "KOT", "BAN", "SIT", "SIT", "DHA", "DEC", "KON")


def build_patients(
    actor: Actor, organizations: dict[str, Organization], chance: random.Random, today: date
) -> list[Patient]:
    """Register 300 patients at their home organizations, each with a medical record number."""
    patients = []
    for number in range(1, COUNT + 1):
        home = organizations[chance.choice(HOMES)]
        gender = chance.choice(("female", "male"))
        given, family = chance.choice(GIVEN[gender]), chance.choice(FAMILY)
        details = Details(
            given_name=given,
            family_name=family,
            birth_date=today - timedelta(days=chance.randint(365, 31000)),
            gender=gender,
            phone=f"+91 98{chance.randint(10_000_000, 99_999_999)}",
            address=f"{chance.randint(1, 240)} {chance.choice(STREETS)}",
            email=f"{given}.{family}{number}@post.example".lower() if number % 2 else "",
            communication_consent=CONSENTS[number % len(CONSENTS)],
            city=home.city or "Pune",
            state="Maharashtra",
            country="IN",
        )
        record = NewIdentifier(system="mrn", value=f"SH{number:06}")
        patients.append(register_patient(actor, home, details=details, identifiers=[record], confirmed=True))
    return patients
