"""A charting template, questionnaire or program of an organization."""

from __future__ import annotations

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class ContentItem(TenantModel, VersionedModel):
    """One of them, whose versions say what it asks or what is due. A copy names the version it was made from.

    An override is what an organization changes of a form that is linked to it: its versions are the shared ones with
    the overlay of `content/rules/overlay.py` on them.
    """

    class Kind(models.TextChoices):
        CHARTING_TEMPLATE = "charting_template", "Charting template"
        QUESTIONNAIRE = "questionnaire", "Questionnaire"
        PROGRAM = "program", "Program"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Overriding(models.TextChoices):
        NONE = "none", "No: they fill it as it is"
        ADD = "add", "They may add questions of their own at the end"
        ADAPT = "adapt", "They may also hide questions and reword them"

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE, DELETE")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    category = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    source = TenantKey(
        "content.ContentVersion", on_delete=models.PROTECT, null=True, related_name="copies", db_index=False
    )
    kept_number = models.PositiveIntegerField(
        null=True, help_text="Up to this version of the source, the copy was kept as it is."
    )

    overriding = models.CharField(
        max_length=10,
        choices=Overriding,
        default=Overriding.NONE,
        help_text="What organizations that it is linked to may change of it.",
    )
    overrides = TenantKey(
        "content.ContentItem",
        on_delete=models.PROTECT,
        null=True,
        related_name="overridden_by",
        db_index=False,
    )
    overlay = models.JSONField(null=True, help_text="Of an override: what it changes of the shared form.")

    class Meta:
        verbose_name = "content"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization", "code"], name="contentitem_code_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["charting_template", "questionnaire", "program"]),
                name="contentitem_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "published", "retired"]),
                name="contentitem_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kept_number__isnull=True) | models.Q(source__isnull=False),
                name="contentitem_kept_is_copy",
            ),
            models.CheckConstraint(
                condition=models.Q(overriding__in=["none", "add", "adapt"]),
                name="contentitem_overriding_known",
            ),
            models.CheckConstraint(
                condition=models.Q(overrides__isnull=True, overlay__isnull=True)
                | models.Q(
                    overrides__isnull=False, overlay__isnull=False, source__isnull=True, overriding="none"
                ),
                name="contentitem_override_whole",
            ),
            models.UniqueConstraint(
                fields=["network", "overrides", "organization"],
                condition=models.Q(overrides__isnull=False),
                name="contentitem_override_once",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "name", "id"], name="contentitem_name"),
            models.Index(fields=["network", "source"], name="contentitem_source"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> int:
        return self.organization_id
