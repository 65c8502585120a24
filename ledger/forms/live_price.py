"""Forms that are told what they come to while they are typed."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms


def ask_price(form: forms.Form, names: Iterable[str], url: str) -> None:
    """Ask the address for the price of what is typed: as it is at first, and whenever a field that decides it changes."""
    for at, name in enumerate(one for one in names if one in form.fields):
        form.fields[name].widget.attrs |= {
            "hx-get": url,
            "hx-trigger": "input changed delay:250ms" + ("" if at else ", load"),
            "hx-target": "#sell-price",
            "hx-swap": "outerHTML",
            "hx-include": "closest form",
            "hx-sync": "closest form:queue last",
        }
