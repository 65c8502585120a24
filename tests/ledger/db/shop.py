"""A small shop on the cast's network: services, a package, a patient, and the postings of LEDGER section 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count

import pytest
from django.db import DatabaseError, transaction

from core.actors import SystemActor
from core.errors import Refused
from core.ids import random_code
from ledger import posting
from ledger.models import EntitlementLine, LedgerEvent, Package, Service
from ledger.posting import Movement, Posted, Record, SoldEntitlement, SoldLine
from ledger.rules.accounts import Account
from ledger.rules.lines import Line
from patients.actions.details import Details
from patients.actions.patient import register_patient
from patients.models import Patient
from tests.cast import Cast

ACTOR = SystemActor.of("test")
DAY = date(2026, 1, 5)
#: The package of LEDGER section 2: (service, units, allocated price).
SOLD = (("CONSULT", 1, 300_00), ("LAB", 1, 187_50), ("PHYSIO", 5, 412_50))

_keys = count(1)


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The database says no with this code; what was done before it stays."""
    with pytest.raises(Refused) as caught, transaction.atomic():
        yield
    assert caught.value.code == code, caught.value


@contextmanager
def broken(says: str) -> Iterator[None]:
    """The database says no, naming the constraint or the reason."""
    with pytest.raises((DatabaseError, Refused), match=says), transaction.atomic():
        yield


def new_key() -> str:
    return f"test-{next(_keys)}"


@dataclass
class Shop:
    """Works in the bound network; organizations by the cast's codes."""

    cast: Cast
    patient: Patient
    package: Package
    services: dict[str, Service]

    def id(self, code: str | None) -> int | None:
        return self.cast.organizations[code].pk if code else None

    def lines(self, *rows: tuple) -> list[Line]:
        """Lines from (organization, account, amount[, counterparty])."""
        return [
            Line(self.id(row[0]), Account(row[1]), "USD", row[2], self.id(row[3]) if len(row) > 3 else None)
            for row in rows
        ]

    def record(self, kind: str, lines=(), *, at: str = "P", on: date = DAY, key: str = "", **more) -> Record:
        key = key or new_key()
        return Record(
            key=key,
            kind=LedgerEvent.Kind(kind),
            effective_on=on,
            organization_id=self.id(at),
            actor=ACTOR,
            command=more.pop("command", {"key": key}),
            lines=lines,
            **more,
        )

    def sale_record(self, *, sold=SOLD, on: date = DAY, **more) -> Record:
        """E1: P sells for cash."""
        total = sum(one[2] for one in sold)
        entitlement = SoldEntitlement(
            code=random_code(),
            patient_id=self.patient.pk,
            holder_id=self.id("P"),
            package_id=self.package.pk,
            price_minor=total,
            currency="USD",
            starts_on=on,
            expires_on=date(on.year + 1, 12, 31),
            lines=[SoldLine(self.services[code].pk, units, minor) for code, units, minor in sold],
        )
        cash = [("P", "cash", total)] if total else []
        liability = [("P", "contract_liability", -minor) for _, _, minor in sold if minor]
        return self.record("sale", self.lines(*cash, *liability), on=on, sold=entitlement, **more)

    def sell(self, **more) -> Posted:
        return posting.post(self.sale_record(**more))

    def line_of(self, sale: Posted, service: str) -> EntitlementLine:
        return EntitlementLine.objects.get(entitlement_id=sale.entitlement_id, service=self.services[service])

    def redemption_record(self, line_id: int, units: int, minor: int, **more) -> Record:
        """E2 without its transfer, at P: the liability becomes revenue."""
        lines = (
            self.lines(("P", "contract_liability", minor), ("P", "service_revenue", -minor)) if minor else []
        )
        return self.record("redemption", lines, movements=[Movement(line_id, -units, -minor)], **more)

    def transfer(self, minor: int, payer: str = "P", receiver: str = "S") -> list[Line]:
        """E2: what the payer owes the receiver, in both books."""
        return self.lines(
            (payer, "intercompany_cost", minor, receiver),
            (payer, "due_to", -minor, receiver),
            (receiver, "due_from", minor, payer),
            (receiver, "intercompany_revenue", -minor, payer),
        )

    def void_record(self, event_id: int, **more) -> Record:
        lines, movements, _ = posting.reversal_of(event_id)
        return self.record("void", lines, movements=movements, voids_id=event_id, **more)


def open_shop(cast: Cast) -> Shop:
    """In the bound network."""
    services = {
        code: Service.objects.create(code=code, name=code.title())
        for code in ("CONSULT", "LAB", "PHYSIO", "XRAY")
    }
    package = Package.objects.create(
        code="PACK", name="Pack", price_minor=900_00, currency="USD", valid_days=365
    )
    patient = register_patient(
        ACTOR,
        cast.organizations["P"],
        details=Details(given_name="Asha", family_name="Rao", birth_date=date(1990, 1, 1)),
    )
    return Shop(cast, patient, package, services)
