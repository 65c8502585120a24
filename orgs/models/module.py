"""What is switched on and off at organizations: modules and EMR profiles, and what was switched together."""

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class ModuleBatch(TenantModel):
    """Modules that were switched together, and what there was before, so that it can be taken back."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    what = models.CharField(max_length=300)
    reason = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=list)
    made_by_id = models.BigIntegerField(null=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    undone_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "change of modules"
        indexes = [models.Index(fields=["network", "-made_at"], name="modulebatch_made")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undone_at=None) | ~models.Q(undone_by=""), name="modulebatch_undone_by"
            )
        ]

    @property
    def access_organization_id(self) -> None:
        return None


class ModuleAssignment(TenantModel, VersionedModel):
    """A module or EMR profile at an organization: off, or switched on again. Without a row it is on, as above."""

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    module = models.CharField(max_length=40)
    active = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    set_by_id = models.BigIntegerField(null=True)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    batch = TenantKey(ModuleBatch, on_delete=models.PROTECT, null=True, related_name="assignments")

    class Meta:
        verbose_name = "module"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization", "module"], name="moduleassignment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(module__regex=r"^[a-z][a-z0-9_.]*$"), name="moduleassignment_code"
            ),
            models.CheckConstraint(
                condition=models.Q(active=True) | ~models.Q(reason=""), name="moduleassignment_off_reason"
            ),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
