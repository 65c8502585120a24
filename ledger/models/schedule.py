"""Reports that are sent by mail again and again: what, when, to whom, and what came of each time."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel
from ledger.rules.schedule import PERIODS, rhythm

LONGEST_NAME = 120


class ReportSchedule(TenantModel, VersionedModel):
    """One report that goes out by mail; its owner, who made it, is told when somebody doesn't get it any more."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    name = models.CharField(max_length=LONGEST_NAME)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    view = TenantKey(
        "people.SavedView",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="What is sent is what this view shows on the day; kind, scope and period are empty then.",
    )
    kind = models.CharField(max_length=30, blank=True)
    scope = models.CharField(max_length=15, blank=True)
    period = models.CharField(max_length=15, blank=True)
    formats = ArrayField(models.CharField(max_length=4))
    every = models.CharField(max_length=5)
    on_day = models.SmallIntegerField(help_text="Of the week, Monday is 1, or of the month; 0 every day.")
    starts_on = models.DateField(help_text="Not due before.")
    is_paused = models.BooleanField(default=False)
    outside = ArrayField(
        models.CharField(max_length=254), default=list, help_text="Addresses of nobody in the network."
    )
    owner = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "report schedule"
        constraints = [
            models.UniqueConstraint("network", "organization", "name", name="reportschedule_name_once"),
            models.CheckConstraint(
                condition=Q(every="day", on_day=0)
                | Q(every="week", on_day__gte=1, on_day__lte=7)
                | Q(every="month", on_day__gte=1, on_day__lte=31),
                name="reportschedule_day",
            ),
            models.CheckConstraint(
                condition=(
                    Q(view__isnull=True, period__in=["last_month", "month_to_date", "yesterday"])
                    & ~Q(kind="")
                    & ~Q(scope="")
                    | Q(view__isnull=False, kind="", scope="", period="")
                )
                & Q(formats__len__gte=1)
                & Q(formats__contained_by=["csv", "xlsx", "pdf"])
                & ~Q(name=""),
                name="reportschedule_sound",
            ),
        ]
        indexes = [
            models.Index(
                fields=["network", "view"], condition=Q(view__isnull=False), name="reportschedule_view"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def rhythm(self) -> str:
        return rhythm(self.every, self.on_day)

    @property
    def period_label(self) -> str:
        return "As its view says" if self.view_id else PERIODS[self.period]

    @property
    def formats_label(self) -> str:
        return ", ".join(one.upper() for one in self.formats)


class ReportRecipient(TenantModel):
    """Who gets it, as long as they may read it."""

    tenancy = Tenancy(web="SELECT, INSERT, DELETE", keyed=False)

    schedule = TenantKey("ledger.ReportSchedule", on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "recipient"
        constraints = [
            models.UniqueConstraint(fields=["network", "schedule", "user"], name="reportrecipient_once")
        ]


class ReportRun(TenantModel):
    """One time that it is sent: on a day on which it is due, once, or because somebody asked."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (ran_at, sent_to, left_out, note)")

    schedule = TenantKey("ledger.ReportSchedule", on_delete=models.PROTECT, related_name="runs")
    due_on = models.DateField(help_text="The day that its period is counted from.")
    asked_by = models.CharField(max_length=200, blank=True, help_text="Empty: it was due.")
    asked_at = models.DateTimeField(db_default=Now())
    ran_at = models.DateTimeField(null=True)
    sent_to = ArrayField(models.CharField(max_length=254), default=list)
    left_out = ArrayField(models.CharField(max_length=254), default=list)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "run of a report"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "schedule", "due_on"], condition=Q(asked_by=""), name="reportrun_due_once"
            ),
            models.UniqueConstraint(
                fields=["network", "schedule"],
                condition=Q(ran_at=None) & ~Q(asked_by=""),
                name="reportrun_one_asked",
            ),
        ]
        indexes = [models.Index(fields=["network", "schedule", "-id"], name="reportrun_newest")]
