"""That a patient is known at an organization: what lets its people see the patient."""

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class Registration(TenantModel):
    """A patient at an organization, since when, and by whom. It is never taken back."""

    tenancy = Tenancy(web="SELECT, INSERT")

    patient = TenantKey(
        "patients.Patient", on_delete=models.PROTECT, related_name="registrations", db_index=False
    )
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    registered_at = models.DateTimeField(db_default=Now())
    registered_by_id = models.BigIntegerField(null=True)
    registered_by = models.CharField(max_length=200)

    class Meta:
        verbose_name = "registration"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "patient", "organization"], name="registration_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "patient"], name="registration_organization")
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
