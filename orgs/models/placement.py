"""Where an organization stood, and from when until when."""

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel


class Placement(TenantModel):
    """An organization's place in the tree from one day to another, both included.

    `starts_on` None: from the beginning, so that what is entered for days before an organization was added finds it
    where it was added. `ends_on` None: until now. Triggers write the rows (sql/0012_placements.up.sql) whenever an
    organization is added or gets another parent; what has ended never changes.
    """

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="placements")
    parent = TenantKey("orgs.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    placed_by = models.CharField(max_length=200, blank=True)
    placed_at = models.DateTimeField()

    class Meta:
        verbose_name = "placement"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization"],
                condition=models.Q(ends_on__isnull=True),
                name="placement_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="placement_period",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "organization", "starts_on"], name="placement_path"),
            models.Index(
                fields=["network", "parent"],
                include=["organization", "starts_on", "ends_on"],
                name="placement_below",
            ),
            models.Index(fields=["network", "starts_on"], name="placement_moved"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
