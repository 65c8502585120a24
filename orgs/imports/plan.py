"""Comparing rows with a network: what is new, changed or equal, and everything that is wrong. Pure, no ORM."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from core import locale
from core.clock import time_zones
from core.errors import Refused
from orgs.imports.countries import COUNTRIES
from orgs.imports.row import CONTRACT, ERROR, FIXED, TEXTS, WARNING, Problem, Read, Row
from orgs.rules.structure import KIND_LABELS, PARENT, PARTNER, SUB, THIRD_PARTY, check_placement

ROLE_CODES = ("provider", "diagnostics", "laboratory", "imaging", "pharmacy", "payer", "supplier")


@dataclass(frozen=True)
class Known:
    """An organization that is there: what an import compares with. `values` as in `Row`."""

    id: int
    code: str
    kind: str
    parent: str | None
    status: str
    currency: str
    values: dict[str, str]
    max_sub_depth: int


@dataclass(frozen=True)
class Change:
    """What a row changes: by field, what stands there and what it says."""

    row: Row
    id: int
    fields: dict[str, tuple[str, str]]


@dataclass
class Plan:
    """What an import would do. `withheld` are codes that are left out (per branch) because of an error."""

    new: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    equal: int = 0
    problems: list[Problem] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(1 for one in self.problems if one.level == ERROR)

    @property
    def refused(self) -> int:
        """How many rows have an error."""
        return len({one.where for one in self.problems if one.level == ERROR})

    @property
    def fingerprint(self) -> str:
        """Equal for two comparisons of one file exactly when they would write the same and say the same."""
        new = [(row.code, row.kind, row.parent, row.currency) for row in self.new]
        said = json.dumps([new, self.as_json()], sort_keys=True)
        return sha256(said.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "new": [row.code for row in self.new],
            "changed": {one.row.code: {k: list(v) for k, v in one.fields.items()} for one in self.changed},
            "equal": self.equal,
            "withheld": self.withheld,
            "problems": [vars(one) for one in self.problems],
        }


def plan(read: Read, known: Mapping[str, Known], *, per_branch: bool = False) -> Plan:
    """Compare the rows of a file with the network's organizations (by code).

    With errors nothing is to be written; `per_branch` leaves out only the branches that have one. A branch is what
    hangs in the file below one place that the network already has.
    """
    made = Plan(problems=list(read.problems))
    root = next(one for one in known.values() if one.kind == PARENT)
    rows = _unique(made, [_settled(row, root, known) for row in read.rows], root)
    for row in rows.values():
        made.problems += _wrong_values(row, known, root)
    _similar(made, rows, known, root)
    order = _ordered(made, rows, known)
    _structure(made, order, rows, known)
    bad = {one.code for one in made.problems if one.level == ERROR}
    branches = {row.code: _branch(row, rows, known) for row in rows.values()}
    spoiled = {branches.get(code, code) for code in bad}
    for row in rows.values():
        if per_branch and branches[row.code] in spoiled:
            made.withheld.append(row.code)
    left_out, wrong = set(made.withheld), {one.where for one in made.problems if one.level == ERROR}
    kept = [row for row in order if row.code not in left_out and row.where not in wrong]
    _sort(made, kept, known, root)
    return made


def _settled(row: Row, root: Known, known: Mapping[str, Known]) -> Row:
    """The row with what it leaves open: kind and currency of what is there, or a sub in the network's currency."""
    is_root = row.kind == PARENT or row.code == root.code
    there = root if is_root else known.get(row.code)
    kind = row.kind or (there.kind if there else SUB)
    currency = row.currency or (there.currency if there else root.currency)
    return Row(row.where, row.code, kind, row.parents, row.values, currency)


def _unique(made: Plan, rows: Sequence[Row], root: Known) -> dict[str, Row]:
    """Rows by code; the second of the same code is a problem, and so are two places for one."""
    found: dict[str, Row] = {}
    for row in rows:
        first = found.setdefault(row.code, row)
        if first is row:
            continue
        if first.parents != row.parents:
            text = f"{row.code} is under {first.parent} at {first.where} and under {row.parent} here."
            places = f"{first.parent}, {row.parent}"
            made.problems.append(Problem(ERROR, row.where, row.code, text, "several_parents", places))
        else:
            text = f"{row.code} is at {first.where} already."
            made.problems.append(Problem(ERROR, row.where, row.code, text, "duplicate", row.code))
    parents = [row for row in found.values() if row.kind == PARENT]
    for row in parents[1:]:
        text = f"{row.code} is a second parent organization beside {parents[0].code}. A network has one."
        made.problems.append(Problem(ERROR, row.where, row.code, text, "structure", row.kind))
    return found


#: What is wrong: in words, the value that is, and of which sort it is.
Wrong = tuple[str, str, str]


def _wrong_values(row: Row, known: Mapping[str, Known], root: Known) -> Iterator[Problem]:
    """What is wrong with one row by itself, and beside the organization that it is about."""
    there = root if row.kind == PARENT else known.get(row.code)
    found = [*_wrong_name(row), *_wrong_texts(row), *_wrong_kind(row, there), *_wrong_currency(row, there)]
    found += [*_wrong_address(row), *_wrong_beside(row, there), *_wrong_contract(row, there)]
    for text, value, sort in found:
        yield Problem(ERROR, row.where, row.code, text, sort, value)


def _wrong_name(row: Row) -> Iterator[Wrong]:
    if not row.code:
        yield "It has no code (FHIR: identifier).", "", "value"
    elif "/" in row.code:
        text = f"The code {row.code[:60]!r} has a slash, which separates the steps of a path."
        yield text, row.code, "value"
    if not row.values.get("name"):
        yield "It has no name.", "", "value"


def _wrong_texts(row: Row) -> Iterator[Wrong]:
    """What is too long for its column, or can't be printed; kind, currency and country say more themselves."""
    said = row.values | {"code": row.code, "kind": row.kind, "currency": row.currency}
    for name, longest in (TEXTS | FIXED | CONTRACT).items():
        value = said.get(name, "")
        if len(value) > longest and name not in ("kind", "currency", "country"):
            yield (
                f"{_label(name)} has {len(value)} characters; at most {longest} are kept.",
                value,
                "value",
            )
        if any(not char.isprintable() for char in value):
            yield f"{_label(name)} has a control character.", ascii(value), "value"


def _wrong_kind(row: Row, there: Known | None) -> Iterator[Wrong]:
    if row.kind not in KIND_LABELS:
        yield f"{row.kind[:40]!r} is no kind. Kinds are {', '.join(KIND_LABELS)}.", row.kind, "value"
    elif there and there.kind != row.kind:
        yield f"It is a {there.kind} there and a {row.kind} here; a kind never changes.", row.kind, "fixed"


def _wrong_currency(row: Row, there: Known | None) -> Iterator[Wrong]:
    if there and there.currency != row.currency:
        text = f"Its books are in {there.currency}, not in {row.currency[:10]!r}; a currency never changes."
        yield text, row.currency, "fixed"
    elif not there and not (len(row.currency) == 3 and row.currency.isascii() and row.currency.isalpha()):
        yield f"{row.currency[:10]!r} is no ISO 4217 currency, such as INR.", row.currency, "value"


def _wrong_address(row: Row) -> Iterator[Wrong]:
    zone, country, email = (row.values.get(name, "") for name in ("time_zone", "country", "email"))
    if zone and zone not in time_zones():
        yield f"{zone[:60]!r} is no IANA time zone, such as Asia/Kolkata.", zone, "value"
    if country and country.upper() not in COUNTRIES:
        yield f"{country[:20]!r} is no ISO 3166-1 country of two letters, such as IN.", country, "value"
    if email and (email.count("@") != 1 or " " in email or "." not in email.partition("@")[2]):
        yield f"{email[:80]!r} is no e-mail address.", email, "value"


def _wrong_beside(row: Row, there: Known | None) -> Iterator[Wrong]:
    """What can't be done with the organization that is there."""
    if there is None:
        return
    if there.status == "archived":
        yield f"{row.code} is archived.", row.code, "archived"
    if row.kind != PARENT and row.parent and row.parent != there.parent:
        text = (
            f"{row.code} stands under {there.parent} and the file says {row.parent}; an import moves nothing."
        )
        yield text, row.parent, "moved"


def _wrong_contract(row: Row, there: Known | None) -> Iterator[Wrong]:
    said = row.contract
    if row.kind in (PARTNER, THIRD_PARTY):
        if not there and not (said.get("legal_basis") and said.get("contract_starts_on")):
            text = "A partner or third party needs a contract: legal_basis and contract_starts_on."
            yield text, "", "contract"
    elif said:
        text = f"A {row.kind} has no contract; a partner and a third party have one."
        yield text, " ".join(said.values()), "contract"
    days: dict[str, date] = {}
    for name in ("contract_starts_on", "contract_ends_on"):
        if said.get(name):
            try:
                days[name] = date.fromisoformat(said[name])
            except ValueError:
                text = f"{_label(name)} {said[name][:20]!r} is no day such as 2026-04-01."
                yield text, said[name], "contract"
    if len(days) == 2 and days["contract_ends_on"] < days["contract_starts_on"]:
        yield "The contract ends before it starts.", said["contract_ends_on"], "contract"
    for role in said.get("role_codes", "").split():
        if role not in ROLE_CODES:
            text = f"{role[:40]!r} is no role of a contract. Roles are {', '.join(ROLE_CODES)}."
            yield text, role, "contract"


def _similar(made: Plan, rows: Mapping[str, Row], known: Mapping[str, Known], root: Known) -> None:
    """Warn of a new organization with name and city of another one."""
    names: dict[tuple[str, str], str] = {}
    for one in known.values():
        names.setdefault(_name_and_city(one.values), one.code)
    for row in rows.values():
        if row.code in known or row.kind == PARENT:
            continue
        other = names.setdefault(_name_and_city(row.values), row.code)
        if other != row.code:
            text = f"{other} has the same name and city. Are they the same organization?"
            made.problems.append(
                Problem(WARNING, row.where, row.code, text, "similar", row.values.get("name", ""))
            )


def _name_and_city(values: Mapping[str, str]) -> tuple[str, str]:
    return values.get("name", "").casefold(), values.get("city", "").casefold()


def _ordered(made: Plan, rows: Mapping[str, Row], known: Mapping[str, Known]) -> list[Row]:
    """Rows from the top down; those in a cycle and below one, and orphans, are left out and are problems."""
    below: dict[str, list[Row]] = defaultdict(list)
    order: list[Row] = []
    for row in rows.values():
        if row.kind == PARENT:
            order.append(row)
        elif row.parent is None:
            there = known.get(row.code)
            if there:
                order.append(row)
            else:
                text = f"{row.code} has no organization above it."
                made.problems.append(Problem(ERROR, row.where, row.code, text, "orphan"))
        elif row.parent in rows and row.code not in known:
            below[row.parent].append(row)
        elif row.parent in known or row.parent in rows:
            order.append(row)
        else:
            text = f"{row.parent[:60]} is above {row.code}, and is neither in the file nor in the network."
            made.problems.append(Problem(ERROR, row.where, row.code, text, "orphan", row.parent))
    for row in order:  # grows while it is walked
        order.extend(below.pop(row.code, ()))
    _cycles(made, {row.code: row for left in below.values() for row in left})
    return order


def _cycles(made: Plan, left: Mapping[str, Row]) -> None:
    """Name each cycle once, in order, and say of the rest what it hangs on."""
    done: set[str] = set()
    for start in left:
        trail: list[str] = []
        code: str | None = start
        while code is not None and code in left and code not in done and code not in trail:
            trail.append(code)
            code = left[code].parent
        if code is not None and code in trail:
            ring = trail[trail.index(code) :]
            round_ = " → ".join([*ring, ring[0]])
            text = f"A cycle: {round_} (each under the next)."
            made.problems += [Problem(ERROR, left[one].where, one, text, "cycle", round_) for one in ring]
            done.update(ring)
        for one in trail:
            if one not in done:
                above = left[one].parent or ""
                text = f"{one} hangs below {above}, which can’t be imported."
                made.problems.append(Problem(ERROR, left[one].where, one, text, "below_error", above))
                done.add(one)


def _structure(made: Plan, order: Sequence[Row], rows: Mapping[str, Row], known: Mapping[str, Known]) -> None:
    """Third parties with something below, subs too deep, archived places."""
    kinds: dict[str, tuple[str, ...]] = {}
    limits: dict[str, int] = {}
    names = {row.code: row.values.get("name", row.code) for row in rows.values()}

    def path(code: str) -> tuple[str, ...]:
        if code not in kinds:
            one = known[code]
            kinds[code] = (*(path(one.parent) if one.parent else ()), one.kind)
            limits[code] = one.max_sub_depth
        return kinds[code]

    for one in known.values():
        path(one.code)
    root = next(one for one in known.values() if one.kind == PARENT)
    for row in order:
        if row.kind == PARENT:
            kinds[row.code], limits[row.code] = kinds[root.code], limits[root.code]
            continue
        if row.code in known or row.parent is None:
            continue
        above = kinds[row.parent]
        there = known.get(row.parent)
        try:
            check_placement(
                kind=row.kind, path_kinds=above, below=[], max_sub_depth=limits[row.parent],
                target_name=there.values["name"] if there else names.get(row.parent, row.parent),
            )  # fmt: skip
        except Refused as refusal:
            made.problems.append(
                Problem(ERROR, row.where, row.code, refusal.message, "structure", row.parent)
            )
        if there and there.status == "archived":
            text = f"{row.parent} is archived and takes nothing below it."
            made.problems.append(Problem(ERROR, row.where, row.code, text, "archived", row.parent))
        kinds[row.code], limits[row.code] = (*above, row.kind), limits[row.parent]


def _branch(row: Row, rows: Mapping[str, Row], known: Mapping[str, Known]) -> str:
    """The code of the topmost row that hangs in the file above a row, or its own."""
    code, seen = row.code, {row.code}
    while code not in known and rows[code].kind != PARENT:
        above = rows[code].parent
        if (
            above is None
            or above not in rows
            or above in known
            or rows[above].kind == PARENT
            or above in seen
        ):
            break
        code = above
        seen.add(code)
    return code


def _sort(made: Plan, kept: Sequence[Row], known: Mapping[str, Known], root: Known) -> None:
    for row in kept:
        there = root if row.kind == PARENT else known.get(row.code)
        if there is None:
            made.new.append(row)
            continue
        fields = {
            name: (there.values.get(name, ""), value)
            for name, value in _compared(row).items()
            if value != there.values.get(name, "")
        }
        if row.code != there.code:
            fields["code"] = there.code, row.code
        if fields:
            made.changed.append(Change(row, there.id, fields))
        else:
            made.equal += 1


def _compared(row: Row) -> dict[str, str]:
    """What a row says of an organization that is there: not an empty name or zone, nor an empty contract."""
    needed = ("name", "time_zone", *CONTRACT)
    said = {name: value for name, value in row.values.items() if value or name not in needed}
    if "country" in said:
        said["country"] = said["country"].upper()
    if row.contract:
        said |= row.contract
    return said


def counted(plan: Plan) -> str:
    """The report in one line."""
    levels = Counter(one.level for one in plan.problems)
    return (
        f"{locale.number(len(plan.new))} new, {locale.number(len(plan.changed))} changed, {locale.number(plan.equal)} equal, "
        f"{locale.number(levels[ERROR])} errors, {locale.number(levels[WARNING])} warnings"
        + (f", {locale.number(len(plan.withheld))} left out" if plan.withheld else "")
    )


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
