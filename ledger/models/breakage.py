"""Breakage: the part of what was sold that is expected never to be used, as far as it was taken as revenue."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from core.tenancy import Tenancy, TenantKey
from ledger.models.posted import PostedModel, proven_key


class BreakagePool(PostedModel):
    """One holder's sales of one package, from the first breakage run on: what is open, and what of it is booked.

    Booked breakage never exceeds what is open. Postings of the package wait for one another here.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE (open_minor, booked_minor)")

    holder = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    package = TenantKey("ledger.Package", on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    open_minor = models.BigIntegerField()
    booked_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "breakage pool"
        constraints = [
            models.UniqueConstraint(fields=["network", "holder", "package"], name="breakagepool_once"),
            models.CheckConstraint(
                condition=models.Q(booked_minor__gte=0, open_minor__gte=F("booked_minor")),
                name="breakagepool_booked_within_open",
            ),
        ]
        indexes = [models.Index(fields=["network", "package"], name="breakagepool_package")]

    @property
    def access_organization_id(self) -> int:
        return self.holder_id


class BreakageMovement(PostedModel):
    """What one event did to the booked breakage of a pool: signed minor units. Append-only."""

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT", keyed=False)

    network = proven_key("core.Network", editable=False)
    pk = models.CompositePrimaryKey("event_id", "pool_id")
    event = proven_key("ledger.LedgerEvent", related_name="breakage")
    pool = proven_key("ledger.BreakagePool", related_name="movements")
    amount_minor = models.BigIntegerField()

    class Meta:
        verbose_name = "breakage movement"
        indexes = [models.Index(fields=["network", "pool", "event"], name="breakagemovement_pool")]
