"""Bad values, by the kind of the field that gets them."""

from __future__ import annotations

LONG = "x" * 10_001
HUGE = "9" * 31
MARKUP = "'\"><zq onmouseover=\"zq='1'\"><img src=zq onerror=zq(1)><script>zq(1)</script>{{ 7|add:1 }}"
TEXTS = {
    "empty": "",
    "blank": " \t ",
    "long": LONG,
    "nul": "a\0b",
    "markup": MARKUP,
    "odd script": "\u202eevil \u0627\u0644\u0639\u0631\u0628\u064a\u0629 e\u0301\u0301\u0301\u20e3 \U0001f9d1\u200d\u2695\ufe0f \ufeff\u0085",
    "formula": "=cmd|' /C calc'!A1'; DROP TABLE orgs_organization; -- %s %(x)s \\x00 \\",
    "controls": "a\x01\x08\x0b\x1f\x7fb",
}
DATES = {
    "no such day": "2026-02-30",
    "year nought": "0000-01-01",
    "five digits": "99999-01-01",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "a time": "2026-01-01T10:00",
    "words": "tomorrow",
    "letters": "２０２６-01-01x",
}
NUMBERS = {
    "negative": "-1",
    "nought": "0",
    "huge": HUGE,
    "bigint": "9223372036854775807",
    "over bigint": "9223372036854775808",
    "float": "1.5",
    "many decimals": "0.0000001",
    "exponent": "1e3",
    "huge exponent": "1e999999",
    "nan": "NaN",
    "infinity": "-Infinity",
    "hex": "0x10",
    "underscore": "1_000",
    "arabic": "\u0663",
    "superscript": "\u00b2",
    "spaced": "1 0",
}
AMOUNTS = {
    "amount over bigint": "92233720368547758.08",
    "amount at bigint": "92233720368547758.07",
    "grouped": "1,2,3",
}
CHOICES = {
    "unknown": "zq",
    "nought": "0",
    "markup": MARKUP,
    "negative": "-1",
    "huge": HUGE,
    "nul": "1\0",
    "superscript": "\u00b2",
}
INSTANTS = {
    "no such day": "2026-02-30T10:00",
    "no such hour": "2026-01-01T25:00",
    "first instant": "0001-01-01T00:00",
    "last instant": "9999-12-31T23:59",
    "a date": "2026-01-01",
}
CHECKS = {"unknown": "zq", "nul": "\0", "many": LONG}

MONTHS = {"no such month": "2026-13", "year nought": "0000-01", "empty": "", "a day": "2026-01-01"}

NUMBERS_NEVER = (
    "negative", "huge", "over bigint", "nan", "infinity", "huge exponent", "hex", "superscript", "spaced",
)  # fmt: skip

#: By the kind of the field: what none may take.
NEVER = {
    "date": {label: DATES[label] for label in DATES if label not in ("first day", "last day")},
    "datetime-local": {label: INSTANTS[label] for label in INSTANTS if label != "a date"},
    "month": MONTHS,
    "number": {label: NUMBERS[label] for label in NUMBERS_NEVER},
    "amount": {
        label: NUMBERS[label] for label in (*NUMBERS_NEVER, "many decimals", "exponent", "underscore")
    },
    "select": CHOICES,
    "multiple": CHOICES,
    "radio": CHOICES,
    "text": {label: TEXTS[label] for label in ("long", "nul")},
    "textarea": {label: TEXTS[label] for label in ("long", "nul")},
    "email": {label: TEXTS[label] for label in ("long", "nul", "markup", "formula")},
}
#: And what it may take or refuse, but not stumble over.
BARELY = {
    "date": {label: DATES[label] for label in ("first day", "last day")} | {"empty": ""},
    "datetime-local": {"a date": INSTANTS["a date"], "empty": ""},
    "month": {"first": "0001-01", "last": "9999-12", "long ago": "1900-01"},
    "number": {label: NUMBERS[label] for label in ("nought", "bigint", "float", "arabic")} | {"empty": ""},
    "amount": {label: NUMBERS[label] for label in ("nought", "bigint", "arabic")} | AMOUNTS,
    "multiple": {"none": ""},
    "checkbox": CHECKS,
    "file": {"text": "report.pdf"},
}
PLAIN = {label: value for label, value in TEXTS.items() if label not in ("long", "nul")}
