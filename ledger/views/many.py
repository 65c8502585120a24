"""One act on several chosen services, packages or rules."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.views.bulk import BulkPage
from ledger.actions import catalog, package, rule
from ledger.forms.rule import EndRuleForm
from ledger.models import Package, RuleVersion, Service
from ledger.permissions import CATALOG_EDIT, PACKAGE_EDIT, RULE_ACTIVATE
from ledger.queries.catalog import services_for
from ledger.queries.offer import packages_for
from ledger.queries.rule import rule_versions_for


class ManyServices(BulkPage, abstract=True):
    """Several services."""

    permission = CATALOG_EDIT
    nouns = ("service", "services")
    list_route = "service-list"

    def get_rows(self) -> QuerySet[Service]:
        return services_for(self.actor).order_by("name", "pk")


class ServicesRetire(ManyServices):
    """Retire several services."""

    permission = CATALOG_EDIT
    title = "Retire services"
    submit_label = "Retire"
    done = "retired"
    effects = ("They are no longer charged or put into packages. What was sold stays redeemable.",)

    def why_not(self, record: Service) -> str:
        return "" if record.status == Service.Status.ACTIVE else "is retired already"

    def do(self, record: Service, form: Any) -> Service:
        return catalog.retire_service(self.actor, record, version=record.version)


class ServicesReactivate(ManyServices):
    """Take several retired services into use again."""

    permission = CATALOG_EDIT
    title = "Reactivate services"
    submit_label = "Reactivate"
    done = "in use"
    effects = ("They can be charged and put into packages again, at the prices they had.",)

    def why_not(self, record: Service) -> str:
        return "is in use already" if record.status == Service.Status.ACTIVE else ""

    def do(self, record: Service, form: Any) -> Service:
        return catalog.reactivate_service(self.actor, record, version=record.version)


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


class ManyRules(BulkPage, abstract=True):
    """Several versions of rules."""

    permission = RULE_ACTIVATE
    module = "rules"
    nouns = ("rule", "rules")
    list_route = "rule-list"

    def get_rows(self) -> QuerySet[RuleVersion]:
        return rule_versions_for(self.actor)


class RulesActivate(ManyRules):
    """Put several drafts into force."""

    permission = RULE_ACTIVATE
    title = "Activate rules"
    submit_label = "Activate"
    done = "in force"
    effects = (
        "They answer for every event from their first days on; the versions before them end the day before.",
    )

    def name_of(self, record: RuleVersion) -> str:
        return f"{record} (“{record.sentence}”)"

    def why_not(self, record: RuleVersion) -> str:
        if record.status != RuleVersion.Status.DRAFT:
            return f"is {record.get_status_display().lower()} already"
        mine = record.author_id is not None and record.author_id == self.actor.id
        return "was written by you; somebody else has to activate it" if mine else ""

    def do(self, record: RuleVersion, form: Any) -> RuleVersion:
        return rule.activate_rule(self.actor, record, seen=record.version)


class RulesEnd(ManyRules):
    """End several active versions after a day."""

    permission = RULE_ACTIVATE
    form_class = EndRuleForm
    title = "End rules"
    submit_label = "End"
    done = "ended"
    effects = ("They go on answering for the days until then.",)

    def why_not(self, record: RuleVersion) -> str:
        if record.status == RuleVersion.Status.ACTIVE:
            return ""
        return f"is {record.get_status_display().lower()}"

    def do(self, record: RuleVersion, form: Any) -> RuleVersion:
        last_on = form.cleaned_data["last_on"]
        return rule.end_rule(self.actor, record, last_on=last_on, seen=record.version)
