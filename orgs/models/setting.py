"""Values of settings: what was assigned where, what was waived, and what was changed together."""

from uuid import uuid4

from django.db import models

from core.locale import LOCALES
from core.settings import Mode
from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel

_MODES = [mode.value for mode in Mode]
_LOCALE_KNOWN = ~models.Q(key="branding.locale") | models.Q(value__in=[*LOCALES])
_DATED = models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on"))


class SettingBatch(TenantModel):
    """Assignments that were made together, and what there was before, so that they can be taken back."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    key = models.CharField(max_length=80)
    what = models.CharField(max_length=300)
    inherits = models.BooleanField(default=False, help_text="It returned the organizations to inheriting.")
    before = models.JSONField(default=list)
    made_by_id = models.BigIntegerField(null=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    undone_by = models.CharField(max_length=200, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "change of settings"
        indexes = [models.Index(fields=["network", "-made_at"], name="settingbatch_made")]

    @property
    def access_organization_id(self) -> None:
        return None


class SettingAssignment(TenantModel, VersionedModel):
    """A value at an organization from a day on; of several in force the one that started last counts."""

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    value = models.JSONField()
    mode = models.CharField(max_length=12, choices=[(mode, mode) for mode in _MODES])
    reason = models.CharField(max_length=500, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    set_by_id = models.BigIntegerField(null=True)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    batch = TenantKey(SettingBatch, on_delete=models.PROTECT, null=True, related_name="assignments")

    class Meta:
        verbose_name = "assignment"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization", "key", "starts_on"], name="settingassignment_once_a_day"
            ),
            models.CheckConstraint(condition=_DATED, name="settingassignment_period"),
            models.CheckConstraint(condition=_LOCALE_KNOWN, name="settingassignment_locale_known"),
            models.CheckConstraint(condition=models.Q(mode__in=_MODES), name="settingassignment_mode_known"),
        ]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class SettingWaiver(TenantModel, VersionedModel):
    """A time-limited, approved exception to an enforced value, for an organization and what is below it."""

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        ENDED = "ended", "Ended"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    value = models.JSONField()
    reason = models.CharField(max_length=500)
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = models.CharField(max_length=12, choices=Status, default=Status.REQUESTED)
    requested_by_id = models.BigIntegerField(null=True)
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    granter = TenantKey(
        "orgs.Organization",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Where the value was enforced when it was granted: it lifts nothing from above that.",
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "waiver"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="settingwaiver_period"
            ),
            models.CheckConstraint(condition=_LOCALE_KNOWN, name="settingwaiver_locale_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=["requested", "granted", "refused", "ended"]),
                name="settingwaiver_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="requested") | models.Q(decided_at__isnull=False),
                name="settingwaiver_decided",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="granted") | models.Q(granter__isnull=False),
                name="settingwaiver_granted_somewhere",
            ),
            models.UniqueConstraint(
                fields=["network", "organization", "key"],
                condition=models.Q(status="requested"),
                name="settingwaiver_one_request",
            ),
        ]
        indexes = [models.Index(fields=["network", "organization", "key"], name="settingwaiver_organization")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class SettingsVersion(TenantModel):
    """Which state a network's settings are in; triggers give it a new value whenever one of them changes."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE", keyed=False)

    version = models.UUIDField(default=uuid4)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network"], name="settingsversion_once")]
