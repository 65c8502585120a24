"""The throw-away network of a scenario: its organizations, catalog and patients, by the names in the file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.actors import SystemActor
from core.ids import random_code
from core.money import Money
from ledger.actions.catalog import add_service, set_price
from ledger.actions.package import Offer, Part, create_package, put_on_sale
from ledger.actions.tax import add_tax_code, add_tax_rate
from ledger.models import LedgerEvent, Package, Sale, Service, TaxCode
from ledger.rules.lines import Kind
from ledger.rules.outcome import decimal_text
from ledger.rules.settings import TAX_POINT
from ledger.scenario import schema
from orgs.actions.network import NewNetwork, create_enterprise, create_network
from orgs.actions.organization import Contract, Details, add_organization
from orgs.actions.setting import NewValue, assign_setting
from orgs.queries import tree
from patients.actions.details import Details as PatientDetails
from patients.actions.patient import register_patient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orgs.models import Organization
    from patients.models import Patient

FIRST = SystemActor.of("a scenario")
SECOND = SystemActor.of("a scenario, as a second person")
ALWAYS = date(1900, 1, 1)
DEEPEST = 8

Result = "Mapping[str, int] | tuple[int, ...]"


@dataclass
class World:
    """What exists so far, by its name in the file. Without organizations there is no network: arithmetic alone."""

    network_id: int | None
    currency: str
    organizations: dict[str, Organization] = field(default_factory=dict)
    tax_codes: dict[str, TaxCode] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    events: dict[str, LedgerEvent] = field(default_factory=dict)
    results: dict[str, Mapping[str, int] | tuple[int, ...]] = field(default_factory=dict)
    runs: dict[str, list[Any]] = field(default_factory=dict)  # what an app above made of a net

    def aside(self) -> World:
        """A copy for a step whose effects will be undone."""
        return replace(
            self,
            patients=dict(self.patients),
            sales=dict(self.sales),
            events=dict(self.events),
            results=dict(self.results),
            runs=dict(self.runs),
        )

    def declare(self, scenario: schema.Scenario) -> None:
        """Make the organizations, services and packages of the file."""
        for organization in scenario.organizations:
            self._declare_organization(organization)
        if scenario.tax_point and self.network_id is not None:
            assign_setting(FIRST, tree.root(), setting=TAX_POINT, new=NewValue(scenario.tax_point))
        for tax in scenario.tax_codes:
            self._declare_tax_code(tax)
        for service in scenario.services:
            self._declare_service(service)
        for package in scenario.packages:
            self._declare_package(package)

    def patient(self, name: str) -> Patient:
        """The patient of that name, registered at the parent when first spoken of."""
        if name not in self.patients:
            details = PatientDetails(
                given_name="Patient",
                family_name=f"Number {len(self.patients) + 1}",
                birth_date=date(1980, 1, 1),
            )
            self.patients[name] = register_patient(FIRST, tree.root(), details=details, confirmed=True)
        return self.patients[name]

    def _declare_organization(self, declared: schema.OrganizationDeclared) -> None:
        if declared.under is None:
            self.organizations[declared.code] = tree.root()
            return
        is_outside = declared.kind in (Kind.PARTNER, Kind.THIRD_PARTY)
        self.organizations[declared.code] = add_organization(
            FIRST,
            self.organizations[declared.under],
            kind=str(declared.kind),
            details=Details(name=declared.code, code=declared.code, time_zone="UTC"),
            contract=Contract(legal_basis="as in the scenario", starts_on=ALWAYS) if is_outside else None,
            currency=declared.currency,
        )

    def _declare_tax_code(self, declared: schema.TaxCodeDeclared) -> None:
        if self.network_id is None:
            return
        rates = [(Decimal(decimal_text(percent)), since) for since, percent in declared.rates]
        first, since = rates[0] if rates else (None, None)
        code = add_tax_code(
            FIRST,
            tree.root(),
            code=declared.code,
            name=declared.code,
            method=str(declared.method),
            percent=first,
            starts_on=since,
        )
        for number, (percent, since) in enumerate(rates[1:], start=code.version):
            add_tax_rate(FIRST, code, percent=percent, starts_on=since, version=number)
        self.tax_codes[declared.code] = code

    def _declare_service(self, declared: schema.ServiceDeclared) -> None:
        if self.network_id is None:
            return
        service = add_service(
            FIRST,
            tree.root(),
            code=declared.code,
            name=declared.code,
            category=declared.category or "",
            tax_code=self.tax_codes[declared.tax] if declared.tax else None,
        )
        price = Money(declared.list_price_minor, self.currency)
        set_price(FIRST, tree.root(), service=service, price=price, starts_on=ALWAYS)
        self.services[declared.code] = service

    def _declare_package(self, declared: schema.PackageDeclared) -> None:
        if self.network_id is None:
            return
        offer = Offer(
            name=declared.code,
            price=Money(declared.price_minor, declared.currency),
            parts=[
                Part(
                    self.services[line.service],
                    line.quantity,
                    Money(line.standalone_minor, declared.currency),
                )
                if line.service
                else Part.credit(Money(line.quantity, declared.currency), line.category)
                for line in declared.lines
            ],
            valid_days=declared.valid_days,
            holder=self.organizations[declared.holder] if declared.holder else None,
            sellers=[self.organizations[code] for code in declared.sell_at or ()],
            redeemers=[self.organizations[code] for code in declared.redeem_at or ()],
            refund=str(declared.refund),
            refund_fee=Money(declared.refund_fee_minor, declared.currency),
            expiry=str(declared.expiry),
            use=str(declared.use or Package.Use.PERSON),
            most_people=declared.people,
        )
        package = create_package(FIRST, tree.root(), code=declared.code, offer=offer)
        self.packages[declared.code] = put_on_sale(SECOND, package, version=package.version)


def build_world(scenario: schema.Scenario) -> World:
    """Open a network of its own for the scenario; without organizations, none."""
    if not scenario.organizations:
        return World(None, scenario.currency)
    root = scenario.organizations[0]
    code = random_code()
    network = create_network(
        FIRST,
        create_enterprise(FIRST, code=code, name="Scenario"),
        NewNetwork(
            code=code,
            name=scenario.name,
            currency=root.currency,
            max_sub_depth=DEEPEST,
            root_code=root.code,
            root_name=root.code,
        ),
    )
    return World(network.pk, scenario.currency)
