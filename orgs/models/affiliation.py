"""The dated contract of a partner or third party."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.tenancy import TenantKey, TenantModel, VersionedModel


class Affiliation(TenantModel, VersionedModel):
    """FHIR OrganizationAffiliation: `organization` (the network's side) with `participant` (partner, third party).

    Consolidation is `none`: what is owed to a participant is a real payable.
    """

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    participant = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="affiliations")
    role_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    contract_number = models.CharField(max_length=80, blank=True)
    legal_basis = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "affiliation"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="affiliation_period",
            ),
        ]
        indexes = [models.Index(fields=["network", "participant"], name="affiliation_participant")]

    @property
    def access_organization_id(self) -> int:
        return self.participant_id
