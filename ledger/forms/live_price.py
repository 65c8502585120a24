"""Forms that are told what they come to while they are typed."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms


def ask_price(form: forms.Form, names: Iterable[str], url: str) -> None:
    """Ask the address for the price of what is typed, whenever a field that decides it changes."""
    for name in names:
        if name in form.fields:
            form.fields[name].widget.attrs |= {
                "hx-get": url,
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#sell-price",
                "hx-swap": "outerHTML",
                "hx-include": "closest form",
                "hx-sync": "closest form:queue last",
            }
