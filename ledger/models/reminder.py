"""That a patient was told in time of what expires."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class ExpiryReminder(TenantModel):
    """One mail about one last day of an entitlement: what is extended has another one."""

    tenancy = Tenancy(web="SELECT, INSERT")

    entitlement = TenantKey("ledger.Entitlement", on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField(help_text="The last day that the mail said.")
    sent_to = models.EmailField()
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "reminder of expiry"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "entitlement", "expires_on"], name="expiryreminder_once"
            )
        ]

    @property
    def access_organization_id(self) -> int:
        return self.entitlement.holder_id
