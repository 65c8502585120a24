"""Import organizations from a CSV file or a FHIR Bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.imports import import_organizations
from orgs.imports.csv_file import read_csv
from orgs.imports.fhir import read_fhir
from orgs.imports.plan import Plan, counted, plan
from orgs.imports.row import MOST_BYTES, Read, Unreadable
from orgs.queries import tree
from orgs.queries.imports import known_organizations

READERS = {"csv": read_csv, "fhir": read_fhir}


class Command(BaseCommand):
    help = (
        "Imports organizations into a network: all of the file or nothing, or branch by branch. A second run changes"
        " nothing. Exit status 1 when the file has errors."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        add_network(parser, required=True)
        parser.add_argument("--format", choices=sorted(READERS), help="by the file's name without it")
        parser.add_argument("--dry-run", action="store_true", help="report, and write nothing")
        parser.add_argument(
            "--per-branch", action="store_true", help="leave out the branches with errors only"
        )
        parser.add_argument("--json", action="store_true", help="the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        self.is_quiet = options["json"]
        read = self._read(options["file"], options["format"])
        self._say(f"{len(read.rows):,} organizations read. Comparing …")
        with bound(network_id):
            made = plan(read, known_organizations(), per_branch=options["per_branch"])
            if not options["dry_run"] and (options["per_branch"] or not made.errors):
                self._say(f"{counted(made)}. Writing …")
                made = self._write(read, per_branch=options["per_branch"])
        self._report(
            made, dry_run=options["dry_run"], as_json=options["json"], per_branch=options["per_branch"]
        )
        if made.errors:
            raise SystemExit(1)

    def _read(self, path: Path, form: str | None) -> Read:
        form = form or ("fhir" if path.suffix == ".json" else "csv")
        try:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(f"{path} is larger than {MOST_BYTES // 2**20} MiB. Split it.")
            return READERS[form](path.read_bytes())
        except (OSError, ValueError) as error:
            raise CommandError(f"{str(path)!r} can't be read: {error}.") from None
        except Unreadable as wrong:
            raise CommandError(str(wrong)) from None

    def _write(self, read: Read, *, per_branch: bool) -> Plan:
        try:
            return import_organizations(
                SystemActor.of("import_organizations"),
                tree.root(),
                read=read,
                per_branch=per_branch,
                progress=self._tell,
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from None

    def _report(self, made: Plan, *, dry_run: bool, as_json: bool, per_branch: bool) -> None:
        is_written = not dry_run and (per_branch or not made.errors)
        if as_json:
            self.stdout.write(json.dumps({"written": is_written} | made.as_json(), ensure_ascii=False))
            return
        for one in made.problems:
            self.stdout.write(f"{one.level}: {one.where}: {one.text} {one.remedy}")
        for change in made.changed:
            fields = ", ".join(f"{name} {old!r} → {new!r}" for name, (old, new) in change.fields.items())
            self.stdout.write(f"changed: {change.row.code}: {fields}")
        self.stdout.write(f"{counted(made)}. {'Imported.' if is_written else 'Nothing was written.'}")

    def _tell(self, percent: int) -> None:
        self.stderr.write(f"{percent} %")

    def _say(self, text: str) -> None:
        if not self.is_quiet:
            self.stdout.write(text)
