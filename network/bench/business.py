"""Eighteen months of sales, redemptions and charges, posted in bulk a day at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.actors import SystemActor
from core.ids import random_code
from core.models import Network
from core.tenancy import bound
from ledger import posting
from ledger.models import EntitlementLine, LedgerEvent, Sale, Service
from ledger.posting import Movement, Posted, Record, SoldEntitlement, SoldLine
from ledger.queries.answer import Deal, Rulings, party_facts
from ledger.rules import events
from ledger.rules.recognition import recognition_step
from ledger.rules.terms import Event
from network.bench.catalog import Catalog, Offered

DAYS = 548
SOONEST, LATEST = 1, 90
SHARE_REDEEMED = 0.75  # of all lines; sales and charges fill the rest
ELSEWHERE = 0.55
CHARGES = 0.3


@dataclass
class _Right:
    """One line of an entitlement while it is used up."""

    id: int
    entitlement_id: int
    service: Service
    package: Offered
    holder_id: int
    seller_id: int
    patient_id: int
    quantity: int
    total_minor: int
    used: int = 0
    booked_minor: int = 0


@dataclass
class _Day:
    """What is posted on one day: records, and the sales among them by their position."""

    on: date
    records: list[Record] = field(default_factory=list)
    sales: list[tuple[int, Offered, int, int]] = field(default_factory=list)
    lines: int = 0

    def add(self, record: Record) -> None:
        self.records.append(record)
        self.lines += len(record.lines)


class Business:
    """Sells at many organizations, redeems at subs and partners, charges fees; the same every time but for the day."""

    def __init__(
        self,
        network: Network,
        actor: SystemActor,
        catalog: Catalog,
        patients: dict[int, list[int]],
        *,
        chance: random.Random,
        last_day: date,
    ) -> None:
        self.network, self.actor, self.catalog, self.chance = network, actor, catalog, chance
        self.patients = {place: ids for place, ids in patients.items() if ids}
        self.places: Sequence[int] = list(self.patients)
        self.first_day = last_day - timedelta(days=DAYS - 1)
        self.due: dict[date, list[_Right]] = {}
        self.served: set[tuple[int, int]] = set()
        self.number = self.day_number = 0
        holders = {package.holder_id for package in catalog.packages} - {None}
        known = [*self.places, *(holder for holder in holders if holder)]
        # No rule changes while this goes on, and nobody moves: one reading answers for all days.
        self.rulings = Rulings(Event.REDEMPTION, last_day, known)

    def days(self, lines: int) -> Iterator[int]:
        """Post so many lines, evenly over the days; gives after every day how many there are."""
        posted = redeemed = 0
        for self.day_number in range(1, DAYS + 1):
            day = _Day(self.first_day + timedelta(days=self.day_number - 1))
            until = lines * self.day_number // DAYS - posted
            wanted = int(lines * self.day_number // DAYS * SHARE_REDEEMED)
            self._redeem_due(day, wanted - redeemed)
            redeemed += day.lines
            while day.lines < until:
                self._charge(day) if self.chance.random() < CHARGES else self._sell(day)
            if day.records:
                with bound(self.network.pk):
                    self._write_sales(day, posting.post_many(day.records))
            posted += day.lines
            yield posted

    def _redeem_due(self, day: _Day, most: int) -> None:
        waiting = self.due.pop(day.on, [])
        while waiting and day.lines < most:
            self._redeem(day, waiting.pop())
        if waiting:
            self.due.setdefault(day.on + timedelta(days=1), [])[:0] = waiting

    def _sell(self, day: _Day) -> None:
        offered, seller_id = self.chance.choice(self.catalog.packages), self._place()
        patient_id = self.chance.choice(self.patients[seller_id])
        holder_id = offered.holder_id or seller_id
        holder, seller = self.rulings.party(holder_id), self.rulings.party(seller_id)
        sold = SoldEntitlement(
            code=random_code(),
            patient_id=patient_id,
            holder_id=holder_id,
            package_id=offered.id,
            price_minor=offered.price_minor,
            currency=self.network.currency,
            starts_on=day.on,
            expires_on=day.on + timedelta(days=offered.valid_days - 1),
            lines=[SoldLine(service.pk, quantity, total) for service, quantity, total in offered.lines],
        )
        inputs = {
            "parties": party_facts((seller, holder)),
            "holder": holder_id,
            "patient": patient_id,
            "package": offered.code,
            "quantity": 1,
            "price_minor": offered.price_minor,
            "discount_minor": 0,
            "allocated": [
                {"service": service.code, "amount_minor": total} for service, _, total in offered.lines
            ],
        }
        day.sales.append((len(day.records), offered, seller_id, patient_id))
        lines = events.sale(holder, seller, [total for _, _, total in offered.lines])
        day.add(self._record(LedgerEvent.Kind.SALE, day.on, seller_id, lines, inputs, sold=sold))

    def _redeem(self, day: _Day, right: _Right) -> None:
        at = self._place() if self.chance.random() < ELSEWHERE else right.seller_id
        step = recognition_step(right.total_minor, right.quantity, right.used, right.booked_minor, 1)
        deal = Deal(
            event=Event.REDEMPTION,
            on=day.on,
            servicing_id=at,
            seller_id=right.seller_id,
            holder_id=right.holder_id,
            service=right.service.code,
            category=right.service.category,
            package=right.package.code,
            units=((right.service.pk, 1),),
        )
        answer = self.rulings.answer(deal, quantity=1, allocated_minor=step)
        holder, servicing = self.rulings.party(right.holder_id), self.rulings.party(at)
        inputs = {
            **answer.inputs,
            "holder": right.holder_id,
            "entitlement": right.entitlement_id,
            "service": right.service.code,
            "quantity": 1,
            "recognized_minor": step,
            "recognition": {
                "total_minor": right.total_minor,
                "units": right.quantity,
                "used": right.used,
                "booked_minor": right.booked_minor,
            },
        }
        right.used += 1
        right.booked_minor += step
        if at != right.seller_id:
            self.served.add((right.patient_id, at))
        lines = events.redemption(holder, servicing, step, answer.distribution)
        moved = [Movement(right.id, -1, -step)]
        kind = LedgerEvent.Kind.REDEMPTION
        day.add(self._record(kind, day.on, at, lines, inputs, movements=moved, version=answer.version_id))

    def _charge(self, day: _Day) -> None:
        (service, price), at = self.chance.choice(self.catalog.prices), self._place()
        inputs = {
            "parties": party_facts([self.rulings.party(at)]),
            "patient": self.chance.choice(self.patients[at]),
            "service": service.code,
            "quantity": 1,
            "price_minor": price,
            "method": "cash",
        }
        lines = events.charge(self.rulings.party(at), price)
        day.add(self._record(LedgerEvent.Kind.CHARGE, day.on, at, lines, inputs))

    def _record(
        self,
        kind: LedgerEvent.Kind,
        on: date,
        at: int,
        lines: Sequence[Any],
        inputs: dict[str, Any],
        *,
        movements: Sequence[Movement] = (),
        version: int | None = None,
        sold: SoldEntitlement | None = None,
    ) -> Record:
        self.number += 1
        key = f"bench-{self.number}"
        return Record(
            key=key,
            kind=kind,
            effective_on=on,
            organization_id=at,
            actor=self.actor,
            command={"key": key},
            lines=lines,
            movements=movements,
            inputs=inputs,
            rule_version_id=version,
            sold=sold,
        )

    def _place(self) -> int:
        """An organization; the first ones do most of the business."""
        return self.places[min(int(self.chance.expovariate(4) * len(self.places)), len(self.places) - 1)]

    def _write_sales(self, day: _Day, results: list[Posted]) -> None:
        """The documents of the day's sales, and when their units will be used."""
        found = {results[row[0]].entitlement_id or 0: row for row in day.sales}
        lines = EntitlementLine.objects.filter(entitlement__in=found).order_by("pk")
        services = {service.pk: service for service, _ in self.catalog.prices}
        for line in lines.exclude(service=None):
            _, offered, seller_id, patient_id = found[line.entitlement_id]
            right = _Right(
                line.pk, line.entitlement_id, services[line.service_id or 0], offered, offered.holder_id or seller_id,
                seller_id, patient_id, line.quantity, line.total_minor,
            )  # fmt: skip
            for _ in range(self.chance.randint(0, line.quantity)):
                later = day.on + timedelta(days=self.chance.randint(SOONEST, LATEST))
                self.due.setdefault(later, []).append(right)
        Sale.objects.bulk_create(
            [
                Sale(
                    network_id=self.network.pk,
                    event_id=results[position].event_id,
                    entitlement_id=results[position].entitlement_id or 0,
                    seller_id=seller_id,
                    holder_id=offered.holder_id or seller_id,
                    patient_id=patient_id,
                    package_id=offered.id,
                    quantity=1,
                    price_minor=offered.price_minor,
                    total_minor=offered.price_minor,
                    currency=self.network.currency,
                    payments=[{"method": "cash", "amount_minor": offered.price_minor}],
                    sold_on=day.on,
                    refund="allocated_price",
                    expiry="breakage_revenue",
                )
                for position, offered, seller_id, patient_id in day.sales
            ]
        )
