"""Bringing a Parent Account into use: a checklist, and who owns the data that flows in and out."""

from django.db import models

from core.tenancy import Tenancy, TenantModel, VersionedModel


class OnboardingStep(TenantModel, VersionedModel):
    """Something to be done before a Parent Account works, with its owner, its day and how success is measured."""

    title = models.CharField(max_length=120)
    help = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField()
    owner = models.CharField(max_length=150, blank=True)
    due_on = models.DateField(null=True, blank=True)
    metric = models.CharField(max_length=150, blank=True, verbose_name="measure of success")
    target = models.CharField(max_length=80, blank=True)
    result = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = "onboarding step"
        constraints = [
            models.UniqueConstraint(fields=["network", "position"], name="onboardingstep_position"),
            models.CheckConstraint(
                condition=models.Q(done_at=None, done_by="")
                | (~models.Q(done_at=None) & ~models.Q(done_by="")),
                name="onboardingstep_done_by",
            ),
        ]

    @property
    def access_organization_id(self) -> None:
        return None


class DataOwnership(TenantModel, VersionedModel):
    """What was agreed about data between this Parent Account and anything else, before it was opened."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    must_flow = models.BooleanField("data must flow between Parent Accounts")
    what_flows = models.CharField("what flows, and which way", max_length=500, blank=True)
    api_owner = models.CharField("who owns the API logic and keeps it working", max_length=200, blank=True)
    on_mismatch = models.CharField("how errors and mismatches are handled", max_length=500, blank=True)
    agreed_by = models.CharField(max_length=200)
    agreed_at = models.DateTimeField()

    class Meta:
        verbose_name = "data ownership record"
        constraints = [
            models.UniqueConstraint(fields=["network"], name="dataownership_once"),
            models.CheckConstraint(
                condition=models.Q(must_flow=False)
                | ~(models.Q(what_flows="") | models.Q(api_owner="") | models.Q(on_mismatch="")),
                name="dataownership_complete",
            ),
        ]

    @property
    def access_organization_id(self) -> None:
        return None
