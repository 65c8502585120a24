"""Post redemptions that took place elsewhere from a CSV, or say line by line what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from ledger.actions.redemption_file import BATCH, Redemptions, Result, redeem_batch
from ledger.rules.redemption_file import COLUMNS, AskedLine, UnreadableError, read_redemptions
from orgs.queries import tree

LARGEST = 64 * 2**20
ACTOR = SystemActor.of("import_redemptions")


class Command(BaseCommand):
    help = (
        f"Posts the redemptions of a CSV, {BATCH:,} lines in a transaction; its first line names the columns"
        f" {','.join(COLUMNS)} (patient, an identifier, may be left out). A line that is refused keeps no other one from"
        " being posted. A file whose import was broken off, or was corrected, is given again: what was posted stays as it"
        " is. Exit status 1 when lines were refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV, UTF-8")
        add_network(parser, required=True)
        parser.add_argument("--dry-run", action="store_true", help="post nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        try:
            lines, wrong = read_redemptions(_text(options["file"]))
        except UnreadableError as error:
            raise CommandError(str(error)) from None
        refused: list[dict[str, Any]] = [
            {"line": one.number, "key": one.key, "code": "invalid", "text": one.problem} for one in wrong
        ]
        repeated = done = 0
        take = self._dry if options["dry_run"] else self._post
        try:
            for results in take(network_id, lines, options["file"].name):
                done += len(results)
                repeated += sum(one.is_repeated for one in results)
                refused += [_told(one) for one in results if one.code]
                if not options["json"]:
                    self.stderr.write(f"{done:,} of {len(lines):,}")
        except Refused as refusal:
            raise CommandError(
                f"After {done:,} lines: {refusal.message} What was posted stays; give the file again."
            ) from None
        redeemed = done - repeated - sum(one["code"] != "invalid" for one in refused)
        refused.sort(key=lambda one: one["line"])
        self._report(redeemed, repeated, refused, dry_run=options["dry_run"], as_json=options["json"])

    def _dry(self, network_id: int, lines: Sequence[AskedLine], file_name: str) -> Iterator[list[Result]]:
        with bound(network_id):
            redemptions = Redemptions(ACTOR, posting=False)
            for start in range(0, len(lines), BATCH):
                yield redemptions.take(lines[start : start + BATCH])
                redemptions.records.clear()

    def _post(self, network_id: int, lines: Sequence[AskedLine], file_name: str) -> Iterator[list[Result]]:
        for start in range(0, len(lines), BATCH):
            with bound(network_id):
                results = redeem_batch(
                    ACTOR, tree.root(), batch=lines[start : start + BATCH], file_name=file_name
                )
            yield results

    def _report(
        self, redeemed: int, repeated: int, refused: list[dict[str, Any]], *, dry_run: bool, as_json: bool
    ) -> None:
        if as_json:
            self.stdout.write(
                json.dumps(
                    {"dry_run": dry_run, "redeemed": redeemed, "repeated": repeated, "refused": refused},
                    ensure_ascii=False,
                )
            )
        else:
            for one in refused:
                self.stdout.write(f"line {one['line']}: {one['code']}: {one['text']}")
            said = "would be redeemed" if dry_run else "redeemed"
            self.stdout.write(
                f"{redeemed:,} {said}, {repeated:,} were posted before, {len(refused):,} refused."
            )
        if refused:
            raise SystemExit(1)


def _told(one: Result) -> dict[str, Any]:
    return {"line": one.line.number, "key": one.line.key, "code": one.code, "text": one.text}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise CommandError(f"{path} is larger than {LARGEST // 2**20} MiB. Divide it.")
        return path.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise CommandError(f"{str(path)!r} can't be read: {error}.") from None
