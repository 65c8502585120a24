"""Seals: chained digests over what was committed, what waits for one, and what was done with them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantModel


class Kind(models.TextChoices):
    JOURNAL = "journal", "Journal"
    AUDIT = "audit", "Audit trail"
    READS = "reads", "Patient reads"


_KIND_KNOWN = models.Q(kind__in=["journal", "audit", "reads"])


class Unsealed(TenantModel):
    """A row that no seal covers yet. A trigger writes it with the row, so that both commit together, however late and
    in whichever savepoint; sealing takes it away.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, DELETE", keyed=False)

    # Without a key to look up for every row that is written: row-level security binds the network.
    network = models.ForeignKey(
        "core.Network", models.PROTECT, related_name="+", db_index=False, db_constraint=False, editable=False
    )
    pk = models.CompositePrimaryKey("network_id", "kind", "row_id")
    kind = models.CharField(max_length=10)
    row_id = models.BigIntegerField()

    class Meta:
        verbose_name = "row to be sealed"


class Seal(TenantModel):
    """One link of a network's chain of one kind: which rows it covers, a digest of each, and the digest over them and
    the seal before. Append-only; only posting.seal writes it (sql/0010_seals.up.sql).
    """

    Kind = Kind

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT")

    kind = models.CharField(max_length=10, choices=Kind)
    number = models.BigIntegerField()
    row_count = models.IntegerField()
    previous = models.BinaryField(help_text="The digest of the seal before; empty in the first one.")
    digest = models.BinaryField(max_length=32)
    row_ids = ArrayField(models.BigIntegerField())
    row_digests = models.BinaryField(help_text="32 bytes a row, in their order.")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "kind", "number"], name="seal_numbered_once"),
            models.CheckConstraint(condition=_KIND_KNOWN, name="seal_kind_known"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, row_count__gte=1, row_ids__len=models.F("row_count")),
                name="seal_sound",
            ),
        ]
        indexes = [models.Index(fields=["network", "-made_at", "-id"], name="seal_newest")]

    @property
    def access_organization_id(self) -> None:
        """It belongs to the network, not to an organization."""

    @property
    def digest_text(self) -> str:
        return bytes(self.digest).hex()


class SealSending(TenantModel):
    """What was sent to somebody outside: the chain of a kind through a number, once a day. Append-only."""

    tenancy = Tenancy(web="SELECT, INSERT", keyed=False)

    kind = models.CharField(max_length=10, choices=Kind)
    through = models.BigIntegerField(help_text="The number of the last seal that was sent.")
    to = models.EmailField()
    sent_on = models.DateField()
    sent_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "sending of seals"
        constraints = [
            models.UniqueConstraint(fields=["network", "kind", "sent_on"], name="sealsending_once_a_day"),
            models.UniqueConstraint(fields=["network", "kind", "through"], name="sealsending_once_each"),
            models.CheckConstraint(condition=_KIND_KNOWN, name="sealsending_kind_known"),
        ]


class SealCheck(TenantModel):
    """One verification of a chain and of the rows it covers, and how much it found. Append-only."""

    tenancy = Tenancy(web="SELECT, INSERT", keyed=False)

    kind = models.CharField(max_length=10, choices=Kind)
    through = models.BigIntegerField(help_text="The number of the last seal that was looked at.")
    finding_count = models.IntegerField()
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "check of seals"
        constraints = [models.CheckConstraint(condition=_KIND_KNOWN, name="sealcheck_kind_known")]
        indexes = [models.Index(fields=["network", "kind", "-through", "-id"], name="sealcheck_newest")]
