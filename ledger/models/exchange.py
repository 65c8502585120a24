"""Exchange rates, as they are on record."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Concat, Greatest, Least, Now

from core import locale
from core.tenancy import Tenancy, TenantModel
from ledger.rules.exchange import Rate
from ledger.rules.quoted import Quoted


class ExchangeRate(TenantModel):
    """One unit of a currency is worth so much of another on a day.

    A pair has one rate a day, in whichever direction it was quoted. Nothing is changed: a correction is the next
    `version` for that pair and day, and what was posted keeps the one it used (a trigger in
    sql/0051_exchange_rate_guards.up.sql).
    """

    tenancy = Tenancy(web="SELECT, INSERT")

    base = models.CharField(max_length=3, help_text="One unit of this currency")
    quote = models.CharField(max_length=3, help_text="is worth so much of this one.")
    pair = models.GeneratedField(
        expression=Concat(Least("base", "quote"), Greatest("base", "quote")),
        output_field=models.CharField(max_length=6),
        db_persist=True,
    )
    on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    value = models.DecimalField(max_digits=24, decimal_places=12)
    source = models.CharField(max_length=120)
    entered_at = models.DateTimeField(db_default=Now())
    entered_by_id = models.BigIntegerField(null=True)
    entered_by_label = models.CharField(max_length=200)

    class Meta:
        verbose_name = "exchange rate"
        constraints = [
            models.UniqueConstraint(fields=["network", "pair", "on", "version"], name="exchangerate_once"),
            # NaN would be more than anything.
            models.CheckConstraint(
                condition=models.Q(value__gt=0, value__lt=10**12), name="exchangerate_positive"
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="exchangerate_version"),
            models.CheckConstraint(condition=~models.Q(base=models.F("quote")), name="exchangerate_two"),
            models.CheckConstraint(
                condition=models.Q(base__regex=r"^[A-Z]{3}$", quote__regex=r"^[A-Z]{3}$"),
                name="exchangerate_currencies",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="exchangerate_source"),
        ]
        indexes = [models.Index(fields=["network", "-on", "-id"], name="exchangerate_newest")]

    def __str__(self) -> str:
        return f"{self.base} {self.quote}"

    @property
    def access_organization_id(self) -> None:
        """Rates belong to the whole network."""

    @property
    def rate(self) -> Rate:
        return Rate(self.pk, self.base, self.quote, self.on, self.value)

    @property
    def plain(self) -> str:
        return self.rate.plain

    @property
    def shown(self) -> str:
        return locale.number(self.plain)

    def says(self, quoted: Quoted) -> bool:
        """Whether this is what is quoted, word by word."""
        said = (quoted.base, quoted.quote, quoted.on, quoted.value, quoted.source.strip())
        return (self.base, self.quote, self.on, self.value, self.source) == said
