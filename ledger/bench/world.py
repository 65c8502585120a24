"""What the benchmark posts: redemptions at a sub, paid by the parent, in a network made for it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from core.actors import SystemActor
from core.ids import random_code
from core.tenancy import bound
from ledger import posting
from ledger.models import Account as AccountRow
from ledger.models import EntitlementLine, LedgerEvent, Package, Service
from ledger.posting import Movement, Record, SoldEntitlement, SoldLine
from ledger.rules.accounts import Account
from ledger.rules.lines import Line
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.actions.organization import Details, add_organization
from orgs.queries import tree
from patients.actions.details import Details as PatientDetails
from patients.actions.patient import register_patient

ACTOR = SystemActor.of("benchmark")
FIRST_DAY = date(2025, 1, 1)
DAYS = 360
#: What one redemption recognizes, and what the parent owes for it.
PRICE, SHARE = 100_00, 80_00
UNITS = 10_000_000
CURRENCY = "USD"


@dataclass(frozen=True)
class World:
    """Ids: the parent, its subs, and one entitlement line a sub that doesn't run out."""

    network_id: int
    parent_id: int
    subs: list[int]
    entitlement_lines: list[int]
    accounts: dict[tuple[int, str, int | None], int]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Subs and entitlement lines in turn, for ever."""
        while True:
            yield from zip(self.subs, self.entitlement_lines, strict=True)


_keys = count()


def record(world: World, sub_id: int, line_id: int, *, on: date, key: str) -> Record:
    """E2 of the reference postings: six lines and one movement."""
    parent = world.parent_id
    return Record(
        key=key,
        kind=LedgerEvent.Kind.REDEMPTION,
        effective_on=on,
        organization_id=sub_id,
        actor=ACTOR,
        command={"key": key},
        lines=[
            Line(parent, Account.CONTRACT_LIABILITY, CURRENCY, PRICE),
            Line(parent, Account.SERVICE_REVENUE, CURRENCY, -PRICE),
            Line(parent, Account.INTERCOMPANY_COST, CURRENCY, SHARE, sub_id),
            Line(parent, Account.DUE_TO, CURRENCY, -SHARE, sub_id),
            Line(sub_id, Account.DUE_FROM, CURRENCY, SHARE, parent),
            Line(sub_id, Account.INTERCOMPANY_REVENUE, CURRENCY, -SHARE, parent),
        ],
        movements=[Movement(line_id, -1, -PRICE)],
        inputs={"basis": "allocated_price", "percent": "80", "recognized_minor": PRICE},
    )


def records(world: World) -> Iterator[Record]:
    """Redemptions over all subs and days, each with a key of its own."""
    for n, (sub_id, line_id) in enumerate(world.pairs()):
        day = FIRST_DAY + timedelta(days=n // 7 % DAYS)
        yield record(world, sub_id, line_id, on=day, key=f"bench-{next(_keys)}")


def crossing(world: World, *, on: date, key: str) -> Record:
    """What two organizations by chance owe one another, in lines by chance, so that nothing orders their locks but us."""
    one, other = random.sample(world.subs, 2)
    lines = [
        Line(one, Account.INTERCOMPANY_COST, CURRENCY, SHARE, other),
        Line(one, Account.DUE_TO, CURRENCY, -SHARE, other),
        Line(other, Account.DUE_FROM, CURRENCY, SHARE, one),
        Line(other, Account.INTERCOMPANY_REVENUE, CURRENCY, -SHARE, one),
    ]
    used = random.sample(world.entitlement_lines, 2)
    lines += [
        Line(world.parent_id, Account.CONTRACT_LIABILITY, CURRENCY, len(used) * PRICE),
        Line(world.parent_id, Account.SERVICE_REVENUE, CURRENCY, -len(used) * PRICE),
    ]
    random.shuffle(lines)
    return Record(
        key=key,
        kind=LedgerEvent.Kind.REDEMPTION,
        effective_on=on,
        organization_id=other,
        actor=ACTOR,
        command={"key": key},
        lines=lines,
        movements=[Movement(line_id, -1, -PRICE) for line_id in used],
        inputs={"basis": "allocated_price", "recognized_minor": len(used) * PRICE},
    )


def build(subs: int) -> World:
    """A network with a parent and subs, and one entitlement with plenty of units for each sub."""
    enterprise = create_enterprise(ACTOR, code="bench", name="Benchmark")
    network = create_network(
        ACTOR,
        enterprise,
        NewNetwork(code="BENCH", name="Benchmark", currency=CURRENCY, max_sub_depth=8),
    )
    with bound(network.pk):
        parent = tree.root()
        sub_ids = [
            add_organization(
                ACTOR, parent, kind="sub", details=Details(name=f"Branch {n}", code=f"B{n}", time_zone="UTC")
            ).pk
            for n in range(subs)
        ]
        line_ids = _sell(parent.pk, register_patient(ACTOR, parent, details=_PATIENT).pk, subs)
    world = World(network.pk, parent.pk, sub_ids, line_ids, {})
    with bound(network.pk):
        posting.post_many([one for one, _ in zip(records(world), range(subs), strict=False)])
        world.accounts.update(
            {
                (organization, code, counterparty): pk
                for pk, organization, code, counterparty in AccountRow.objects.values_list(
                    "pk", "organization_id", "code", "counterparty_id"
                )
            }
        )
    return world


_PATIENT = PatientDetails(given_name="Ben", family_name="Mark", birth_date=date(1980, 1, 1))


def _sell(parent_id: int, patient_id: int, number: int) -> list[int]:
    service = Service.objects.create(code="BENCH", name="Service")
    package = Package.objects.create(
        code="BENCH", name="Package", price_minor=UNITS * PRICE, currency=CURRENCY, valid_days=3650
    )
    sales = posting.post_many(
        [
            Record(
                key=f"bench-sale-{n}",
                kind=LedgerEvent.Kind.SALE,
                effective_on=FIRST_DAY,
                organization_id=parent_id,
                actor=ACTOR,
                command={"sale": n},
                lines=[
                    Line(parent_id, Account.CASH, CURRENCY, UNITS * PRICE),
                    Line(parent_id, Account.CONTRACT_LIABILITY, CURRENCY, -UNITS * PRICE),
                ],
                sold=SoldEntitlement(
                    code=random_code(),
                    patient_id=patient_id,
                    holder_id=parent_id,
                    package_id=package.pk,
                    price_minor=UNITS * PRICE,
                    currency=CURRENCY,
                    starts_on=FIRST_DAY,
                    expires_on=FIRST_DAY + timedelta(days=3649),
                    lines=[SoldLine(service.pk, UNITS, UNITS * PRICE)],
                ),
            )
            for n in range(number)
        ]
    )
    lines = dict(EntitlementLine.objects.values_list("entitlement_id", "pk"))
    return [lines[sale.entitlement_id or 0] for sale in sales]
