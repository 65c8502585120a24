"""Forms of transactional rules: from fields to terms."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from core import locale
from core.money import Money
from ledger.actions.rule import Terms
from ledger.forms.tiers import is_tiers, read_rate, read_tiers, show_tiers
from ledger.models import Package, RuleVersion, Service
from ledger.queries.catalog import categories
from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome, write_outcome
from ledger.rules.terms import (
    Basis,
    Conditions,
    Dates,
    Event,
    Measure,
    PayerType,
    Per,
    Presentation,
    Rule,
)
from orgs.forms.organization import date_field
from orgs.forms.place import is_too_long

if TYPE_CHECKING:
    from orgs.models import Organization

SHARES = 3
_KINDS = [
    ("", "Any kind"),
    *((k.value, k.value.replace("_", " ").capitalize()) for k in Kind if k != "third_party"),
]
_MODES = [
    ("none", "Nobody pays: recognition only"),
    ("transfer", "One amount to who performs it"),
    ("shares", "Shares"),
]
_TYPED = ("party", "amount", "at_least", "at_most", "legal_basis")
_UNITS = [("", "–"), ("percent", "Percent"), ("fixed", "Fixed a unit"), ("remainder", "The remainder")]
_BASES = [
    (Basis.ALLOCATED_PRICE.value, "Allocated price"),
    (Basis.LIST_PRICE.value, "List price"),
    (Basis.SALE_PRICE.value, "Sale price"),
]


class RuleForm(forms.Form):
    """One version of a rule: when it applies, who pays whom, and how much; a `rule` fills it in."""

    event = forms.ChoiceField(choices=RuleVersion.Event.choices, initial=Event.REDEMPTION.value)
    starts_on = date_field(required=False, label="In force from", help_text="Empty: for all days.")
    priority = forms.IntegerField(
        initial=0,
        min_value=-1000,
        max_value=1000,
        help_text="Decides between rules that are equally specific.",
    )

    servicing = forms.ChoiceField(required=False, label="Performed at")
    servicing_under = forms.ChoiceField(required=False, label="Performed at or below")
    servicing_kind = forms.ChoiceField(choices=_KINDS, required=False, label="Performed by a")
    seller = forms.ChoiceField(required=False, label="Sold at")
    seller_under = forms.ChoiceField(required=False, label="Sold at or below")
    seller_kind = forms.ChoiceField(choices=_KINDS, required=False, label="Sold by a")
    service = forms.ChoiceField(required=False)
    category = forms.ChoiceField(required=False)
    package = forms.ChoiceField(required=False)
    payer_type = forms.ChoiceField(
        choices=[("", "Anybody"), *((one.value, one.value.capitalize()) for one in PayerType)],
        required=False,
        label="Customer",
    )
    first_on = date_field(required=False, label="On or after")
    last_on = date_field(required=False, label="On or before")

    payer = forms.ChoiceField(required=False, label="Who pays")
    mode = forms.ChoiceField(choices=_MODES, initial="shares", label="How")
    presentation = forms.ChoiceField(
        choices=[(one.value, one.value.capitalize()) for one in Presentation], label="Shown as"
    )
    volume_of = forms.ChoiceField(
        choices=[("", "No tiers"), (Measure.UNITS.value, "Units"), (Measure.AMOUNT.value, "Amount")],
        required=False,
        label="Tiers count",
        help_text="What this rule answered there before.",
    )
    volume_per = forms.ChoiceField(
        choices=[(one.value, f"Calendar {one.value}") for one in Per],
        initial=Per.MONTH.value,
        required=False,
        label="In each",
    )

    sections = [
        ("When", "Leave empty what doesn't matter; the most specific rule wins.",
         ["servicing", "servicing_under", "servicing_kind", "seller", "seller_under", "seller_kind", "service", "category", "package", "payer_type", "first_on", "last_on"]),
        ("Then", "", ["payer", "mode", "presentation", "volume_of", "volume_per"]),
    ]  # fmt: skip

    def __init__(
        self, data: Any = None, *, books: QuerySet[Organization], currency: str, rule: Rule | None = None
    ) -> None:
        super().__init__(data, initial=_filled_in(rule) if rule else None)
        self.currency = (rule and rule.outcome.currency) or currency
        self.rule = rule
        shares = max(SHARES, len(rule.outcome.parts) if rule else 0)
        self._rows = range(1, shares + 1)
        self._codes_typed = is_too_long(books)
        places = [] if self._codes_typed else [(one.code, f"{one.name} ({one.code})") for one in books]
        for name in ("servicing", "servicing_under", "seller", "seller_under"):
            self._places(name, "Any organization", places)
        self._choices("service", "Any service", Service.objects.order_by("name").values_list("code", "name"))
        self._choices("package", "Any package", Package.objects.order_by("name").values_list("code", "name"))
        self._choices("category", "Any category", [(one, one) for one in categories()])
        words = [("parent", "The nearest parent"), ("holder", "Who owes the care")]
        self._places("payer", "As the event says", [*words, *places])
        parties = [("servicing", "Who performs it"), *words, *places]
        self.sections = [
            *RuleForm.sections,
            (
                "Amounts",
                "Every share names the service performed and its legal basis. Tiers by volume are written in one line: "
                "70 up to 100; 75 up to 200; 80.",
                [],
            ),
        ]
        self.wide = {f"legal_basis_{number}" for number in self._rows}
        for number in self._rows:
            fields: dict[str, forms.Field] = {
                "party": forms.ChoiceField(required=False, label=f"To {number}"),
                "unit": forms.ChoiceField(choices=_UNITS, required=False, label="Share"),
                "amount": forms.CharField(
                    max_length=200,
                    required=False,
                    label="How much",
                    help_text=f"Percent, or {self.currency} a unit.",
                ),
                "basis": forms.ChoiceField(choices=_BASES, required=False, label="Of the"),
                "at_least": forms.CharField(max_length=20, required=False, label="At least"),
                "at_most": forms.CharField(max_length=20, required=False, label="At most"),
                "legal_basis": forms.CharField(max_length=200, required=False, label="Legal basis"),
            }
            self.fields |= {f"{name}_{number}": field for name, field in fields.items()}
            self.sections[-1][2].append(tuple(f"{name}_{number}" for name in fields))  # type: ignore[arg-type]
            self._places(f"party_{number}", "–", parties)

    def _choices(self, name: str, anything: str, choices: Any) -> None:
        self.fields[name].choices = [("", anything), *choices]  # type: ignore[attr-defined]

    def _places(self, name: str, anything: str, choices: list[tuple[str, str]]) -> None:
        """Organizations to choose from by code; typed where there are too many, and checked by the action."""
        if not self._codes_typed:
            self._choices(name, anything, choices)
            return
        words = " or ".join(word for word, _ in choices)
        hint = f"Code, or {words}" if words else f"{anything}, or a code"
        typed = forms.TextInput(attrs={"placeholder": hint})
        label = self.fields[name].label
        self.fields[name] = forms.CharField(max_length=40, required=False, label=label, widget=typed)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.terms()
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return data

    def terms(self) -> Terms:
        """What the version says; raises ValueError in words for the person who wrote it."""
        data = self.cleaned_data
        names = ("seller", "seller_under", "servicing", "servicing_under", "service", "category", "package")
        when = Conditions(
            **{name: data[name] or None for name in names},
            seller_kind=Kind(data["seller_kind"]) if data["seller_kind"] else None,
            servicing_kind=Kind(data["servicing_kind"]) if data["servicing_kind"] else None,
            payer_type=PayerType(data["payer_type"]) if data["payer_type"] else None,
            dates=self._dates(data),
        )
        outcome = read_outcome(self._outcome(data), self.currency)
        return Terms(Event(data["event"]), when, outcome, data["priority"], data["starts_on"])

    def _dates(self, data: dict[str, Any]) -> Dates | None:
        first, last = data["first_on"], data["last_on"]
        if first and last and first > last:
            raise ValueError(f"{locale.day(first)} is after {locale.day(last)}; exchange the days.")
        return Dates(first, last) if first or last else None

    def _outcome(self, data: dict[str, Any]) -> dict[str, Any]:
        parts = [self._share(data, n) for n in self._rows if self._is_said(data, n)]
        outcome: dict[str, Any] = {"payer": data["payer"] or None, "presentation": data["presentation"]}
        if data["volume_of"]:
            outcome["volume"] = {"of": data["volume_of"], "per": data["volume_per"] or Per.MONTH.value}
        if data["mode"] == "transfer":
            if len(parts) != 1:
                raise ValueError("A transfer is one amount: fill in the first share only.")
            if parts[0]["party"] not in ("", "servicing") or parts[0]["legal_basis"]:
                raise ValueError(
                    "A transfer goes to who performs the service, and needs no legal basis. Empty those of the first share, "
                    "or choose shares."
                )
            outcome["transfer"] = {
                key: value for key, value in parts[0].items() if key not in ("party", "legal_basis")
            }
        elif data["mode"] == "shares":
            if not parts:
                raise ValueError("Fill in at least one share, or choose recognition only.")
            if any(not part["party"] for part in parts):
                raise ValueError("Choose who gets each share.")
            outcome["shares"] = parts
        elif parts:
            raise ValueError("Recognition only pays nobody: empty the shares, or choose shares.")
        return outcome

    def _is_said(self, data: dict[str, Any], number: int) -> bool:
        """Whether a share is filled in; raises ValueError where something of it is, and not what it is."""
        if data[f"unit_{number}"]:
            return True
        if any(data[f"{name}_{number}"] for name in _TYPED):
            raise ValueError(
                f"Say what share {number} is: a percentage, an amount or the remainder; or empty it."
            )
        return False

    def _share(self, data: dict[str, Any], number: int) -> dict[str, Any]:
        unit, amount = data[f"unit_{number}"], data[f"amount_{number}"].strip()
        if unit != "remainder" and not amount:
            raise ValueError(f"Say how much share {number} is.")
        if unit != "fixed" and not data[f"basis_{number}"]:
            raise ValueError(f"Choose of what share {number} is taken.")
        share: dict[str, Any] = {
            "party": data[f"party_{number}"],
            "legal_basis": data[f"legal_basis_{number}"],
        }
        for limit in ("at_least", "at_most"):
            if typed := data[f"{limit}_{number}"].strip():
                share[limit] = Money.read(typed, self.currency).decimal()
        if unit != "fixed":
            share["basis"] = data[f"basis_{number}"]
        if unit == "remainder":
            return share | {"remainder": True}
        if is_tiers(amount):
            measure = data["volume_of"]
            return share | {"tiers": read_tiers(amount, unit=unit, measure=measure, currency=self.currency)}
        return share | {unit: read_rate(amount, unit=unit, currency=self.currency)}


def _filled_in(rule: Rule) -> dict[str, Any]:
    """What the fields hold that would write this rule again."""
    when, outcome = rule.when, write_outcome(rule.outcome)
    transfer = outcome.get("transfer")
    shares = [{"party": "", **transfer}] if transfer else outcome.get("shares", [])
    filled: dict[str, Any] = {
        "event": rule.event.value,
        "starts_on": rule.in_force.first_on,
        "priority": rule.priority,
        **{field.name: getattr(when, field.name) or "" for field in fields(when) if field.name != "dates"},
        "payer": rule.outcome.payer or "",
        "presentation": rule.outcome.presentation.value,
        "mode": "transfer" if transfer else "shares" if shares else "none",
        "first_on": when.dates.first_on if when.dates else None,
        "last_on": when.dates.last_on if when.dates else None,
        **{f"volume_{name}": str(value) for name, value in outcome.get("volume", {}).items()},
    }
    for number, share in enumerate(shares, start=1):
        tiers = share.get("tiers", ())
        unit = next(one for one in ("percent", "fixed", "remainder") if one in (tiers[0] if tiers else share))
        row = {
            "party": share["party"],
            "unit": unit,
            "amount": show_tiers(tiers or ([] if unit == "remainder" else [share])),
            "at_least": locale.editable(share.get("at_least", "")),
            "at_most": locale.editable(share.get("at_most", "")),
            "basis": share.get("basis", Basis.ALLOCATED_PRICE.value),
            "legal_basis": share.get("legal_basis", ""),
        }
        filled |= {f"{name}_{number}": value for name, value in row.items()}
    return filled


class NewRuleForm(RuleForm):
    """The first version of a rule, or the next one of the rule with this code."""

    code = forms.CharField(
        max_length=60, help_text="As in partner-physio-70. The code of a rule writes its next version."
    )

    field_order = ["code", "event"]


class EndRuleForm(forms.Form):
    """The last day of a rule."""

    last_on = date_field(label="Last day")
