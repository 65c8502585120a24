"""The values of a result as people enter them. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import Refused
from vendors.rules.reasons import ABNORMAL, CRITICAL, FLAGS

MAX_VALUES = 120


@dataclass(frozen=True)
class Value:
    """One measured or observed thing: name, value, unit, reference range, and how it stands to the range."""

    name: str
    value: str
    unit: str = ""
    range: str = ""
    flag: str = ""

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> Value:
        return cls(**{name: str(row.get(name, "")) for name in ("name", "value", "unit", "range", "flag")})

    @property
    def flag_label(self) -> str:
        return FLAGS.get(self.flag, self.flag)

    @property
    def tone(self) -> str:
        """The colour beside the flag's word: bad when critical, warn when out of range."""
        if self.flag in CRITICAL:
            return "bad"
        return "warn" if self.flag in ABNORMAL else ""


def check_values(values: Sequence[Value]) -> list[dict[str, str]]:
    """The rows to store; refuses a row without name or value, and an unknown flag."""
    if len(values) > MAX_VALUES:
        raise Refused("invalid", f"A result has at most {MAX_VALUES} values; send the rest in the PDF.")
    for row in values:
        if not row.name.strip() or not row.value.strip():
            raise Refused("invalid", "A value needs its name and its value.")
        if row.flag not in FLAGS:
            raise Refused("invalid", f"“{row.flag}” is not a flag.")
    return [{key: text.strip() for key, text in asdict(row).items()} for row in values]
