"""Measures the console's pages on a network of a realistic size, in a database of their own."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from network.bench.browser import Browser
from network.bench.database import loaded_with, mark_loaded, own_database
from network.bench.load import Progress, Size, email_of, load, told_on
from network.bench.machine import describe
from network.bench.pages import Figures, measure, pages, sizes, take_back
from orgs.queries.membership import networks_of_user
from people.queries.user import user_by_email

DATABASE = "caretree_bench_pages"
CODE = "BENCH"


class Command(BaseCommand):
    help = (
        "Measure server time, queries and bytes of the console's pages, warm and with one person, on a network of "
        "10,000 organizations and 1,000,000 journal lines. The first run loads it, in some minutes; it is kept. "
        "Example: manage.py bench_pages --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Size()
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--rounds", type=int, default=30, help="how often every page is asked for")
        parser.add_argument("--fresh", action="store_true", help="load the data anew")
        parser.add_argument("--organizations", type=int, default=usual.organizations)
        parser.add_argument("--lines", type=int, default=usual.lines, help="journal lines")
        parser.add_argument("--patients", type=int, default=usual.patients)
        parser.add_argument("--database", default=DATABASE, help="the database of its own")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("Measure as in production: unset DEBUG.")
        if options["rounds"] < 1:
            raise CommandError("Give at least one round.")
        if not re.fullmatch(rf"{DATABASE}[a-z0-9_]{{0,30}}", options["database"]):
            raise CommandError(
                f"--database is dropped and made anew, so its name has to start with {DATABASE}."
            )
        size = Size(options["organizations"], options["lines"], options["patients"])
        size.check()
        progress = told_on(self.stderr.write)
        name, label = options["database"], str(asdict(size))
        fresh = options["fresh"] or loaded_with(name) != label
        with own_database(name, fresh=fresh) as made:
            if made:
                load(CODE, size, progress)
                mark_loaded(name, label)
            report = self._measured(options["rounds"], progress)
        self.stdout.write(json.dumps(report) if options["json"] else _text(report))

    def _measured(self, rounds: int, progress: Progress) -> dict[str, Any]:
        user = user_by_email(email_of(CODE))
        assert user is not None
        (network_id,) = networks_of_user(user.pk)
        browser = Browser(user, network_id)
        machine = describe()  # before the measuring itself is the load
        data = sizes(network_id)
        try:
            found = measure(pages(browser), rounds=rounds, told=progress)
        finally:
            take_back()
        return {
            "measured_at": now().isoformat(timespec="seconds"),
            "rounds": rounds,
            "data": data,
            "machine": machine,
            "pages": {page: asdict(figures) for page, figures in found.items()},
        }


def _text(report: dict[str, Any]) -> str:
    machine, data = report["machine"], report["data"]
    lines = [f"{'page':24}{'median':>9}{'p95':>9}{'queries':>9}{'bytes':>10}{'bound':>8}"]
    for page, values in report["pages"].items():
        one = Figures(**values)
        bound_ms = f"{one.bound_ms} ms" if one.bound_ms else ""
        verdict = {True: "met", False: "NOT MET", None: ""}[one.met]
        lines.append(
            f"{page:24}{one.median_ms:>6.1f} ms{one.p95_ms:>6.1f} ms{one.queries:>9}{one.bytes:>10,}{bound_ms:>8}  {verdict}"
        )
    return "\n".join(
        [
            *lines,
            "",
            f"{data['organizations']:,} organizations, {data['lines']:,} journal lines, {data['patients']:,} patients; "
            f"the move takes {data['moved']} along; "
            f"{report['rounds']} rounds, warm, one person at a time",
            ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine.items()),
        ]
    )
