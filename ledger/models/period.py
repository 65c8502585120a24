"""Closed periods: how far each organization's books are closed, and who closed them."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey
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
    """Who closed which month of which organization, and when. Append-only."""

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    closed_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)

    class Meta:
        verbose_name = "period closing"
        constraints = [models.CheckConstraint(condition=models.Q(month__day=1), name="periodclosing_month")]
        indexes = [
            models.Index(fields=["network", "organization", "-month"], name="periodclosing_organization")
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
