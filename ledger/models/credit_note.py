"""What takes a receipt back, wholly or in part."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel


class CreditNote(TenantModel):
    """The document of a refund, or of the void of a sale, numbered by the organization that wrote it.

    The number is given after the posting, outside its path, as a receipt's is.
    """

    tenancy = Tenancy(web="SELECT, INSERT")

    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    sale = TenantKey("ledger.Sale", on_delete=models.PROTECT, related_name="credit_notes", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = "credit note"
        constraints = [
            models.UniqueConstraint(fields=["network", "event"], name="creditnote_one_per_event"),
            models.UniqueConstraint(
                fields=["network", "organization", "number"], name="creditnote_number_unique"
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="creditnote_number_positive"),
        ]
        indexes = [models.Index(fields=["network", "sale"], name="creditnote_sale")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def label(self) -> str:
        """The number as it is printed, apart from those of receipts."""
        return f"{self.organization.code}-CN-{self.number}"
