"""The counter, the catalog, entitlements, rules, journal, statements and periods."""

from django.urls import path

from ledger.views import catalog, counter, entitlement, journal, many, period, report, rule, statement

urlpatterns = [
    # counter
    path("counter/", counter.CounterStart.as_view(), name="counter-start"),
    path("counter/<int:organization>/", counter.Counter.as_view(), name="counter"),
    path("counter/<int:organization>/lookup/", counter.CounterLookup.as_view(), name="counter-lookup"),
    path(
        "counter/<int:organization>/patients/<int:patient>/",
        counter.CounterPatient.as_view(),
        name="counter-patient",
    ),
    path(
        "counter/<int:organization>/redeem/<int:line>/",
        counter.CounterRedeem.as_view(),
        name="counter-redeem",
    ),
    path(
        "counter/<int:organization>/patients/<int:patient>/sell/<int:package>/",
        counter.CounterSell.as_view(),
        name="counter-sell",
    ),
    path(
        "counter/<int:organization>/patients/<int:patient>/charge/",
        counter.CounterCharge.as_view(),
        name="counter-charge",
    ),
    # catalog
    path("services/", catalog.ServiceList.as_view(), name="service-list"),
    path("services/many/retire/", many.ServicesRetire.as_view(), name="service-retire-many"),
    path("services/many/reactivate/", many.ServicesReactivate.as_view(), name="service-reactivate-many"),
    path("services/add/", catalog.ServiceAdd.as_view(), name="service-add"),
    path("services/<int:pk>/", catalog.ServicePage.as_view(), name="service"),
    path("services/<int:pk>/edit/", catalog.ServiceEdit.as_view(), name="service-edit"),
    path("services/<int:pk>/retire/", catalog.ServiceRetire.as_view(), name="service-retire"),
    path("services/<int:pk>/price/", catalog.PriceSet.as_view(), name="price-set"),
    path("packages/", catalog.PackageList.as_view(), name="package-list"),
    path("packages/many/sell/", many.PackagesSell.as_view(), name="package-sell-many"),
    path("packages/many/withdraw/", many.PackagesWithdraw.as_view(), name="package-withdraw-many"),
    path("packages/add/", catalog.PackageAdd.as_view(), name="package-add"),
    path("packages/<int:pk>/", catalog.PackagePage.as_view(), name="package"),
    path("packages/<int:pk>/edit/", catalog.PackageEdit.as_view(), name="package-edit"),
    path("packages/<int:pk>/status/", catalog.PackageStatus.as_view(), name="package-status"),
    # sales and entitlements
    path("sales/", entitlement.SaleList.as_view(), name="sale-list"),
    path("sales/<int:pk>/receipt/", entitlement.Receipt.as_view(), name="sale-receipt"),
    path("entitlements/", entitlement.EntitlementList.as_view(), name="entitlement-list"),
    path("entitlements/<int:pk>/", entitlement.EntitlementPage.as_view(), name="entitlement"),
    path("entitlements/<int:pk>/refund/", entitlement.EntitlementRefund.as_view(), name="entitlement-refund"),
    path("patients/<int:pk>/prepaid/", entitlement.PatientPrepaid.as_view(), name="patient-prepaid"),
    # rules
    path("rules/", rule.RuleList.as_view(), name="rule-list"),
    path("rules/many/activate/", many.RulesActivate.as_view(), name="rule-activate-many"),
    path("rules/many/end/", many.RulesEnd.as_view(), name="rule-end-many"),
    path("rules/add/", rule.RuleAdd.as_view(), name="rule-add"),
    path("rules/<int:pk>/", rule.RulePage.as_view(), name="rule"),
    path("rules/<int:pk>/edit/", rule.RuleEdit.as_view(), name="rule-edit"),
    path("rules/<int:pk>/next/", rule.RuleNext.as_view(), name="rule-next"),
    path("rules/<int:pk>/delete/", rule.RuleDelete.as_view(), name="rule-delete"),
    path("rules/<int:pk>/activate/", rule.RuleActivate.as_view(), name="rule-activate"),
    path("rules/<int:pk>/end/", rule.RuleEnd.as_view(), name="rule-end"),
    # books
    path("journal/", journal.Journal.as_view(), name="journal"),
    path("journal/lines/", journal.Lines.as_view(), name="journal-lines"),
    path("journal/<int:pk>/", journal.Event.as_view(), name="ledger-event"),
    path("journal/<int:pk>/void/", entitlement.EventVoid.as_view(), name="event-void"),
    path("statements/", statement.Statement.as_view(), name="statement"),
    path("organizations/<int:pk>/money/", statement.OrganizationMoney.as_view(), name="organization-money"),
    path("statements/due/", statement.DueMatrix.as_view(), name="due-matrix"),
    path("reports/", report.ReportPage.as_view(), name="report"),
    path("periods/", period.Periods.as_view(), name="period-list"),
    path("periods/close/", period.PeriodCloseForm.as_view(), name="period-close"),
]
