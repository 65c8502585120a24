"""The database server is killed while eight people post: nothing that was acknowledged is lost, and nothing is half there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from network.services.layout import PROJECT, Layout
from tests.services.conftest import gone, pids

#: A shop whose sales are acknowledged on the standard output, one key a line, until the database goes away.
LOAD = """
import sys
import threading
import django
django.setup()
from django.db import DatabaseError, connection
from django.core.management import call_command
from core.tenancy import bound
from network.isolation.cast import build_cast
from tests.ledger.market import open_market
call_command("migrate", verbosity=0)
world = build_cast()
with bound(world.network.pk):
    market = open_market(world)
print("ready", world.network.pk, flush=True)

def sell(number):
    for turn in range(10_000):
        key = f"{number}-{turn}"
        try:
            with bound(world.network.pk):
                market.sell(at="PST"[turn % 3], key=key)
        except DatabaseError:
            return
        sys.stdout.write(f"{key}\\n")
        sys.stdout.flush()

workers = [threading.Thread(target=sell, args=(number,)) for number in range(8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
"""

READ = """
import json
import sys
import django
django.setup()
from core.tenancy import bound
from ledger.models import LedgerEvent, Sale
from ledger.queries.verify import verify_ledger
with bound(int(sys.argv[1])):
    keys = list(LedgerEvent.objects.filter(kind="sale").values_list("key", flat=True))
    sales = list(Sale.objects.values_list("event__key", flat=True))
    broken = [finding.check.name for finding in verify_ledger()]
print(json.dumps({"keys": keys, "sales": sales, "broken": broken}))
"""
ENOUGH = 60


def python(layout: Layout, program: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=PROJECT,
        env={**os.environ, "CARETREE_VAR": str(layout.var), "DJANGO_SETTINGS_MODULE": "network.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_was_acknowledged_is_there_and_all_of_it_holds(layout: Layout) -> None:
    load = python(layout, LOAD)
    assert load.stdout
    word, network = load.stdout.readline().split() or (load.communicate()[1], "")
    assert word == "ready"
    acknowledged = [load.stdout.readline().strip() for _ in range(ENOUGH)]
    os.kill(pids(layout, "postgres")[1], signal.SIGKILL)
    rest, errors = load.communicate(timeout=60)
    acknowledged += rest.split()
    assert "Traceback" not in errors, errors
    assert gone(pids(layout, "postgres")[1])

    done = python(layout, READ, network)
    told, errors = done.communicate(timeout=60)
    found = json.loads(told or f'"{errors}"')
    assert set(acknowledged) <= set(found["keys"])
    assert set(found["keys"]) == set(found["sales"])  # a sale comes whole or not at all
    assert len(found["keys"]) <= len(acknowledged) + 8  # at most one in flight for each
    assert found["broken"] == []
