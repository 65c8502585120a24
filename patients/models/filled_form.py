"""What was filled for a patient, with the version that asked."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class FilledForm(TenantModel, VersionedModel):
    """The answers of one patient at one organization. Its version never changes; complete, its answers don't either."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        COMPLETE = "complete", "Complete"
        ENTERED_IN_ERROR = "entered-in-error", "Entered in error"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    content_version = TenantKey("content.ContentVersion", on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    scores = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    filled_at = models.DateTimeField()
    filled_by_id = models.BigIntegerField(null=True)
    filled_by = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was entered in error.")
    key = models.CharField("idempotency key", max_length=80)
    asked_sha256 = models.CharField(max_length=64, help_text="Of what was sent with the key first.")

    class Meta:
        verbose_name = "form"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "complete", "entered-in-error"]),
                name="filledform_status_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="entered-in-error") | ~models.Q(reason=""),
                name="filledform_error_has_reason",
            ),
            models.UniqueConstraint(fields=["network", "key"], name="filledform_key_unique"),
        ]
        indexes = [models.Index(fields=["network", "patient", "-id"], name="filledform_patient")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
