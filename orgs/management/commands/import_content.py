"""Take a content package over into a Parent Account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.content_package import compare, read_package
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.actions.content_package import TAKEN, import_content
from orgs.queries import tree


class Command(BaseCommand):
    help = (
        "Say what of a content package is new, changed or equal in a network, and take it over. "
        "Example: manage.py import_content content.json --network 2 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        add_network(parser, required=True)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        try:
            package = read_package(_text_of(options["file"]))
            with bound(network_id):
                compared = compare(package)
                if not options["dry_run"] and any(one.difference in TAKEN for one in compared):
                    import_content(SystemActor.of("manage.py import_content"), tree.root(), package=package)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        rows = [
            {
                "part": one.part.code,
                "code": one.item.code,
                "difference": one.difference.value,
                "problem": one.problem,
            }
            for one in compared
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "items": rows}, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write(f"{row['difference']:8} {row['part']}: {row['code']} {row['problem']}".rstrip())


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is no text file.") from None
