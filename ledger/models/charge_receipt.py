"""The document of what a patient paid for a service without a package."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel


class ChargeReceipt(TenantModel):
    """What was paid for a charge, or beside credit: what its event says. Numbered by the organization that took the
    money, after the posting, outside its path, as the receipt of a sale is.
    """

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (number)")

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = "receipt of a charge"
        constraints = [
            models.UniqueConstraint(fields=["network", "event"], name="chargereceipt_one_per_event"),
            models.UniqueConstraint(
                fields=["network", "organization", "number"], name="chargereceipt_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(number__isnull=True) | models.Q(number__gte=1),
                name="chargereceipt_number_positive",
            ),
        ]
        indexes = [models.Index(fields=["network", "patient", "-id"], name="chargereceipt_patient")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def label(self) -> str:
        """The number as it is printed, apart from those of sales; as long as none was given, its event's."""
        return f"{self.organization.code}-CH-{self.number or self.event_id}"
