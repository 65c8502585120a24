"""Netting agreements: who may set off against whom, since when, and on which legal basis."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class NettingAgreement(TenantModel, VersionedModel):
    """An agreement on record. What was signed is not edited: it ends, and another one is signed."""

    class Method(models.TextChoices):
        BILATERAL = "bilateral", "Pair by pair"
        MULTILATERAL = "multilateral", "All with all"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    organization = TenantKey(
        "orgs.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Whose record it is.",
    )
    name = models.CharField(max_length=120)
    method = models.CharField(max_length=12, choices=Method)
    legal_basis = models.CharField(max_length=300)
    currency = models.CharField(max_length=3)
    minimum_minor = models.BigIntegerField(default=0, help_text="A smaller net amount is carried forward.")
    payment_days = models.PositiveSmallIntegerField(default=0, help_text="Days from approval to payment.")
    signed_on = models.DateField()
    signed_by = models.CharField(max_length=200, help_text="Who signed, for each side.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The last day.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "netting agreement"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(method__in=["bilateral", "multilateral"]),
                name="nettingagreement_method_known",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="nettingagreement_days",
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_minor__gte=0) & models.Q(payment_days__lte=365),
                name="nettingagreement_terms",
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(legal_basis="") & ~models.Q(signed_by=""),
                name="nettingagreement_said",
            ),
        ]
        indexes = [models.Index(fields=["network", "organization"], name="nettingagreement_place")]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def minimum(self) -> Money:
        return Money(self.minimum_minor, self.currency)


class AgreementParty(TenantModel):
    """One organization that is bound by an agreement, alone or with its perimeter."""

    tenancy = Tenancy(web="SELECT, INSERT")

    agreement = TenantKey(
        "settlement.NettingAgreement", on_delete=models.PROTECT, related_name="parties", db_index=False
    )
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    with_perimeter = models.BooleanField(
        default=False, help_text="Its own subs are bound too, whatever joins them later included."
    )

    class Meta:
        verbose_name = "party of a netting agreement"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "agreement", "organization"], name="agreementparty_once"
            ),
        ]
        indexes = [models.Index(fields=["network", "organization"], name="agreementparty_place")]
