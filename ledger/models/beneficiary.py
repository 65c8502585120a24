"""Who may use an entitlement beside the patient whose it is."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class Beneficiary(TenantModel):
    """A patient who may use somebody else's entitlement, until they are removed; what they used stays used.

    How many there may be, the package says (`app.check_beneficiary` in sql/0070_beneficiaries.up.sql).
    """

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (removed_at, removal_reason)")

    entitlement = TenantKey(
        "ledger.Entitlement", on_delete=models.PROTECT, related_name="beneficiaries", db_index=False
    )
    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    reason = models.CharField(max_length=500)
    removed_at = models.DateTimeField(null=True)
    removal_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "beneficiary"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "entitlement", "patient"],
                condition=models.Q(removed_at__isnull=True),
                name="beneficiary_once",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removal_reason="")
                | models.Q(removed_at__isnull=False) & ~models.Q(removal_reason=""),
                name="beneficiary_removal",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "patient"], name="beneficiary_patient"),
            models.Index(fields=["network", "entitlement"], name="beneficiary_entitlement"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.entitlement.holder_id
