"""A number or code that somebody outside or inside the network gave to a patient."""

from django.db import models

from core.tenancy import TenantKey, TenantModel


class PatientIdentifier(TenantModel):
    """FHIR Identifier: `system` says what it is, `assigner` which organization gave a medical record number.

    The key is the value without spaces and signs; no two patients of a network share system, key and assigner.
    """

    class System(models.TextChoices):
        NATIONAL_ID = "national_id", "National ID"
        PASSPORT = "passport", "Passport"
        INSURANCE = "insurance", "Insurance number"
        MRN = "mrn", "Medical record number"

    patient = TenantKey(
        "patients.Patient", on_delete=models.CASCADE, related_name="identifiers", db_index=False
    )
    system = models.CharField(max_length=20, choices=System)
    value = models.CharField(max_length=60)
    value_key = models.CharField(max_length=60, editable=False, db_collation="C")
    assigner = TenantKey(
        "orgs.Organization", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "identifier"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "value_key", "system", "assigner"],
                name="identifier_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(system__in=["national_id", "passport", "insurance", "mrn"]),
                name="identifier_system_known",
            ),
            models.CheckConstraint(
                condition=models.Q(system="mrn", assigner__isnull=False)
                | (~models.Q(system="mrn") & models.Q(assigner__isnull=True)),
                name="identifier_assigner_of_mrn",
            ),
        ]
        indexes = [models.Index(fields=["network", "patient"], name="identifier_patient")]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.value}"
