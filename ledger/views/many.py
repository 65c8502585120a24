"""One act on several ticked services or packages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.views.bulk import BulkPage
from ledger.actions import catalog, package
from ledger.models import Package, Service
from ledger.permissions import CATALOG_EDIT, PACKAGE_EDIT
from ledger.queries.catalog import services_for
from ledger.queries.offer import packages_for


class ServicesRetire(BulkPage):
    """Retire several services."""

    permission = CATALOG_EDIT
    title = "Retire services"
    submit_label = "Retire"
    nouns = ("service", "services")
    done = "retired"
    list_route = "service-list"
    effects = ("They are no longer charged or put into packages. What was sold stays redeemable.",)

    def get_rows(self) -> QuerySet[Service]:
        return services_for(self.actor).order_by("name", "pk")

    def why_not(self, record: Service) -> str:
        return "" if record.status == Service.Status.ACTIVE else "is retired already"

    def do(self, record: Service, form: Any) -> Service:
        return catalog.retire_service(self.actor, record, version=record.version)


class ManyPackages(BulkPage, abstract=True):
    """Several packages."""

    permission = PACKAGE_EDIT
    nouns = ("package", "packages")
    list_route = "package-list"

    def get_rows(self) -> QuerySet[Package]:
        return packages_for(self.actor).order_by("name", "pk")


class PackagesSell(ManyPackages):
    """Put several packages on sale."""

    permission = PACKAGE_EDIT
    title = "Put packages on sale"
    submit_label = "Put on sale:"
    done = "on sale"
    effects = ("Front desks can sell them from now on.",)

    def why_not(self, record: Package) -> str:
        return "is on sale already" if record.status == Package.Status.ON_SALE else ""

    def do(self, record: Package, form: Any) -> Package:
        return package.put_on_sale(self.actor, record, version=record.version)


class PackagesWithdraw(ManyPackages):
    """Withdraw several packages."""

    permission = PACKAGE_EDIT
    title = "Withdraw packages"
    submit_label = "Withdraw"
    done = "withdrawn"
    effects = ("They are no longer sold; what was sold stays redeemable.",)

    def why_not(self, record: Package) -> str:
        return "" if record.status == Package.Status.ON_SALE else "isn’t on sale"

    def do(self, record: Package, form: Any) -> Package:
        return package.withdraw_package(self.actor, record, version=record.version)
