"""What every format is read into: one row an organization, and what is wrong with the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core import locale

#: Texts of an organization that an import may fill or change, with their longest length.
TEXTS = {
    "name": 200,
    "time_zone": 60,
    "phone": 40,
    "email": 254,
    "address": 200,
    "city": 100,
    "state": 100,
    "postal_code": 20,
    "country": 2,
}
CONTRACT = {
    "legal_basis": 200,
    "contract_number": 80,
    "role_codes": 400,
    "contract_starts_on": 10,
    "contract_ends_on": 10,
}
FIXED = {"code": 40, "kind": 20, "currency": 3}
ERROR, WARNING = "error", "warning"
MOST_ROWS = 50_000
MOST_BYTES = 25 * 1024 * 1024


class Unreadable(Exception):  # noqa: N818 - an answer to whoever sent the file
    """The file can't be read at all: the message says what is wrong and what to do."""


#: What can be wrong, and what to do about it.
REMEDIES = {
    "unread": "Correct the line in the file.",
    "value": "Correct it in the file.",
    "duplicate": "Keep one of the lines, or give one of them another code.",
    "several_parents": "Choose one place, and take the other line out of the file.",
    "cycle": "Put one of them under an organization outside the cycle.",
    "below_error": "It comes along once that one is corrected.",
    "orphan": "Correct the code of the organization above, or add that one to the file.",
    "moved": "Move it on its page, which shows what would change, or correct the file.",
    "fixed": "Correct the file, or give the line another code.",
    "structure": "Choose another place in the file.",
    "archived": "Reactivate it on its page, or take the line out of the file.",
    "contract": "Complete the contract in the file.",
    "similar": "Look whether they are the same organization.",
    "status": "Suspend or archive it on its page after the import.",
    "left_out": "Correct the errors of its branch and import again.",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row, or (warning) worth a look; `where` names the line or the resource.

    `sort` is one of REMEDIES, `value` what the file says there.
    """

    level: str
    where: str
    code: str
    text: str
    sort: str = "value"
    value: str = ""

    @property
    def remedy(self) -> str:
        return REMEDIES[self.sort]

    @property
    def number(self) -> int:
        """Of the line or the resource, as `where` begins with it."""
        digits = re.search(r"\d+", self.where)
        return int(digits.group()) if digits else 0


@dataclass(frozen=True)
class Row:
    """One organization of a file. `values` holds what the file says, so that what it leaves out stays as it is.

    `parent` None: the network's parent organization itself; `parents` are all that the file names.
    """

    where: str
    code: str
    kind: str
    parents: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    currency: str = ""

    @property
    def parent(self) -> str | None:
        return self.parents[0] if self.parents else None

    @property
    def contract(self) -> dict[str, str]:
        """What the row says of a contract; nothing where all of it is empty."""
        said = {name: self.values[name] for name in CONTRACT if name in self.values}
        return said if any(said.values()) else {}


@dataclass
class Read:
    """The rows of a file, and what was wrong with those that couldn't become one."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def check_bytes(content: bytes) -> str:
    """The text of a file; raises `Unreadable` for what is too large, binary, or in another encoding."""
    if not content.strip():
        raise Unreadable("The file is empty. Choose the file again.")
    if len(content) > MOST_BYTES:
        raise Unreadable(
            f"The file has {locale.number(round(len(content) / 2**20, 1))} MiB; at most {MOST_BYTES // 2**20} MiB are read. Split it."
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The file is in UTF-16. Save it as UTF-8 and send it again.")
    if b"\0" in content:
        raise Unreadable("The file has NUL bytes, so it is no text. Save it as UTF-8 text and send it again.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(f"Line {line} is not UTF-8. Save the file as UTF-8 and send it again.") from None
