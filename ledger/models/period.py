"""Periods: how far books are closed, who closed and reopened them, and what was reported of what is closed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel
from ledger.models.posted import PostedModel


class PeriodClose(PostedModel):
    """How far an organization's books are closed: nothing is posted on or before `closed_through`."""

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (closed_through)")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    closed_through = models.DateField()

    class Meta:
        verbose_name = "closed period"
        constraints = [
            models.UniqueConstraint(fields=["network", "organization"], name="periodclose_once"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class PeriodClosing(PostedModel):
    """Who closed, marked or reopened which month of which organization, and when. Append-only."""

    class What(models.TextChoices):
        CLOSED = "closed", "Closed"
        SOFT_CLOSED = "soft_closed", "Soft closed"
        REOPENED = "reopened", "Reopened"

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    what = models.CharField(max_length=12, choices=What, db_default=What.CLOSED)
    closed_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)

    class Meta:
        verbose_name = "period closing"
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="periodclosing_month"),
            models.CheckConstraint(
                condition=models.Q(what__in=["closed", "soft_closed", "reopened"]), name="periodclosing_what"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "-month"], name="periodclosing_organization")
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class PeriodReopening(TenantModel):
    """A request to open closed months again, from one on, which somebody else decides.

    Only `posting.reopen_period` approves one, and only with it a closed month opens (sql/0031_reopening.up.sql).
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (status, decided_at, decided_kind, decided_id, decided_label, note)",
        poster="SELECT, UPDATE (status, decided_at, decided_kind, decided_id, decided_label, note, books)",
    )

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(help_text="The first month that opens; every later one opens with it.")
    below = models.BooleanField(help_text="With everything below the organization.")
    reason = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    requested_at = models.DateTimeField(db_default=Now())
    requested_kind = models.CharField(max_length=20)
    requested_id = models.BigIntegerField(null=True)
    requested_label = models.CharField(max_length=200)
    decided_at = models.DateTimeField(null=True)
    decided_kind = models.CharField(max_length=20, blank=True)
    decided_id = models.BigIntegerField(null=True)
    decided_label = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    books = ArrayField(models.BigIntegerField(), default=list, help_text="Whose books it opened.")

    class Meta:
        verbose_name = "request to reopen"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(month__day=1) & ~models.Q(reason=""), name="periodreopening_sound"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["requested", "approved", "declined"]),
                name="periodreopening_status_known",
            ),
            models.UniqueConstraint(
                fields=["network", "organization"],
                condition=models.Q(status="requested"),
                name="periodreopening_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "-requested_at"], name="periodreopening_newest")
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class ClosedStatement(TenantModel):
    """What was reported of a month when it was closed: figures, names and how they were written. Append-only.

    A month that was reopened has another one for each time it was closed.
    """

    tenancy = Tenancy(web="SELECT, INSERT")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    closed_at = models.DateTimeField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "closed statement"
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="closedstatement_month"),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "-month", "-id"], name="closedstatement_newest")
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
