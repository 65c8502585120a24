"""A person who receives care, in FHIR's words."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class Patient(TenantModel, VersionedModel):
    """One person in one network. The keys are normalized copies, written by the actions.

    Their collation is "C": an index on them serves prefix ranges and the order of lists, whatever the
    database's own collation is, and their comparison is leakproof, so row-level security leaves it in use.
    """

    class Gender(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other"
        UNKNOWN = "unknown", "Unknown"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        INACTIVE = "inactive", "Inactive"
        DECEASED = "deceased", "Deceased"

    class Consent(models.TextChoices):
        """Whether the patient may be written to about what is theirs; nobody was asked until somebody says so."""

        UNKNOWN = "unknown", "Not asked"
        PERMIT = "permit", "Permitted"
        DENY = "deny", "Denied"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True, help_text="Empty for a person with one name.")
    birth_date = models.DateField("birth date")
    gender = models.CharField(
        max_length=10, choices=Gender, default=Gender.UNKNOWN, help_text="Administrative gender."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    communication_consent = models.CharField(
        max_length=10,
        choices=Consent,
        default=Consent.UNKNOWN,
        db_default=Consent.UNKNOWN,
        help_text="To be written to by mail about what was bought. Kept in the audit trail.",
    )
    address = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField("state or province", max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="Two letters, as in IN or US.")
    home_organization = TenantKey(
        "orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    given_key = models.CharField(max_length=200, editable=False, db_collation="C")
    family_key = models.CharField(max_length=200, editable=False, db_collation="C")
    phone_key = models.CharField(max_length=40, editable=False, db_collation="C")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "patient"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gender__in=["female", "male", "other", "unknown"]),
                name="patient_gender_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "inactive", "deceased"]),
                name="patient_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(communication_consent__in=["unknown", "permit", "deny"]),
                name="patient_consent_known",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "family_key", "given_key", "id"], name="patient_name"),
            models.Index(
                fields=["network", "birth_date", "family_key", "given_key"], name="patient_birth_date"
            ),
            models.Index(fields=["network", "phone_key"], name="patient_phone"),
            models.Index(fields=["network", "home_organization"], name="patient_home"),
            models.Index(
                fields=["network", "status", "family_key", "given_key", "id"],
                condition=~models.Q(status="active"),
                name="patient_not_active",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def access_organization_id(self) -> int:
        """Where what happens to the patient is written down."""
        return self.home_organization_id

    @property
    def access_organization_ids(self) -> tuple[int, ...]:
        """A permission at any organization where the patient is registered is enough."""
        return tuple(one.organization_id for one in self.registrations.all())
