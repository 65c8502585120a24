"""Propose settlements now, as the policy says or until a day; people approve them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.actors import SystemActor
from core.errors import Refused
from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from settlement.actions.schedule import propose_all, propose_due
from settlement.models import SettlementRun

ACTOR = SystemActor.of("run_settlement")


class Command(BaseCommand):
    help = (
        "Propose settlements of what netting agreements cover, for one network or all: those that the policy wants today,"
        " or with --until up to a day. Nothing is paid: people approve. Example: manage.py run_settlement --network 1"
        " --until 2026-01-31 --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser)
        parser.add_argument("--until", type=_day, help="the last effective date, as 2026-01-31")
        parser.add_argument(
            "--method", choices=SettlementRun.Method.values, default="bilateral", help="with --until: how"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be proposed, and keep nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        results = [
            {"network": network_id, "settlements": self._propose(network_id, options)}
            for network_id in networks_meant(options["network"])
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "networks": results}))
            return
        for result in results:
            self._tell(result, would=options["dry_run"])

    def _propose(self, network_id: int, options: dict[str, Any]) -> list[dict[str, Any]]:
        with bound(network_id), transaction.atomic():
            try:
                if options["until"] is None:
                    runs = propose_due()
                else:
                    runs = propose_all(ACTOR, options["until"], options["method"], key="run_settlement")
            except Refused as refusal:
                raise CommandError(refusal.message) from None
            said = [_said(run) for run in runs]
            transaction.set_rollback(options["dry_run"])
        return said

    def _tell(self, result: dict[str, Any], *, would: bool) -> None:
        name = f"network {result['network']}"
        if not result["settlements"]:
            self.stdout.write(f"{name}: nothing to settle")
        for run in result["settlements"]:
            doing = "would net" if would else f"settlement {run['number']} nets"
            self.stdout.write(
                f"{name}: {doing} {run['claims']:,} claims until {run['until']}, {run['gross']} {run['currency']} gross "
                f"by payments of {run['net']}"
            )
            for payment in run["payments"]:
                self.stdout.write(f"  {payment['from']} pays {payment['to']} {payment['amount']}")


def _said(run: SettlementRun) -> dict[str, Any]:
    return {
        "number": run.number,
        "until": run.cutoff_on.isoformat(),
        "method": run.method,
        "currency": run.currency,
        "claims": run.item_count,
        "gross": run.gross.decimal(),
        "net": run.net.decimal(),
        "payments": [
            {"from": one.payer.code, "to": one.receiver.code, "amount": one.amount.decimal()}
            for one in run.payments.select_related("payer", "receiver", "run").order_by("number")
        ],
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text[:40]!r} is no day; write it as 2026-01-31.") from None
