"""The proof: builds the stage, walks it, leans on its walls, and compares them with the installation's own."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.test import override_settings

from network.databases import drop, login, make, name_of, used
from network.isolation import canaries
from network.isolation.cast import build_cast
from network.isolation.catalogue import RULES, broken, walled_tables
from network.isolation.exports import export_everything, forgotten
from network.isolation.fingerprint import definitions, differences
from network.isolation.report import Proof
from network.isolation.routes import PERSONAS, Route
from network.isolation.stage import Stage, set_stage
from network.isolation.walk import Finding, blindness, present, unwalked, walk
from network.isolation.walls import lean_on_the_walls

Told = Callable[[str], object]


def verify(told: Told) -> Proof:
    """Prove it in a database of its own, which is dropped however this ends."""
    live = name_of()
    with own_database() as database, used(database), quietly():
        told(f"Migrating {database}, a database of its own …")
        call_command("migrate", interactive=False, verbosity=0)
        told("Building networks, people and canaries …")
        cast = build_cast()
        failed = canaries.plant_in(database)
        proof = Proof(live)
        prove(proof, set_stage(cast, database), database, failed, told, personas=PERSONAS, routes=present())
    told(f"Comparing with {live}, the installation's own database …")
    with login("migrator", live) as connection:
        connection.read_only = True
        compare(proof, proof.definitions, connection.cursor())
    return proof


@contextmanager
def own_database() -> Iterator[str]:
    """An empty database that is dropped afterwards, also on an error or Ctrl-C."""
    name = f"caretree_isolation_{os.getpid()}"
    make(name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing reaches the outside: no mail leaves, the shared cache is left alone, refusals aren't logged."""
    shared = caches["default"]
    caches["default"] = LocMemCache("isolation", {})
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    overridden = override_settings(
        ALLOWED_HOSTS=["testserver"],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        ACCOUNT_RATE_LIMITS=False,
        STORAGES=settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    )
    try:
        with overridden:
            yield
    finally:
        logging.disable(disabled)
        caches["default"] = shared


def prove(
    proof: Proof,
    stage: Stage,
    database: str,
    failed: dict[str, str],
    told: Told,
    *,
    personas: Sequence[str],
    routes: Sequence[Route],
) -> None:
    """Everything about one database with a stage in it, which is in use."""
    cast = stage.cast
    with login("migrator", database) as connection:
        proof.canaries = canaries.counts(connection, [network.pk for network in cast.foreign])
        proof.definitions = definitions(connection.cursor())
        proof.server = str(connection.info.parameter_status("server_version"))
    for table, planted in proof.canaries.items():
        if not planted or table in failed:
            why = failed.get(table, "no row was planted")
            proof.add(Finding("table", "", table, f"has no canary, so nothing was proven about it: {why}"))
    proof.networks = [cast.network.name, *(network.name for network in cast.foreign)]
    proof.add(*unwalked(), *blindness(stage))
    proof.routes = len(routes)
    proof.walked = walk(stage, told, personas, routes)
    proof.add(*proof.walked.findings)
    proof.add(*forgotten())
    for command, findings in export_everything(stage):
        told(command)
        proof.commands.append(command)
        proof.add(*findings)
    _lean(proof, stage, database, told)
    _name_tables(proof, database)


def _lean(proof: Proof, stage: Stage, database: str, told: Told) -> None:
    """Raw SQL, with a row of the main network in every table as well."""
    cast = stage.cast
    with canaries.planter_in(database) as connection:
        user = cast.users["administrator"]
        failed = canaries.Filler(connection.cursor(), cast.network.pk, user.pk, "OWN").fill()
    proof.add(*(Finding("table", "", table, f"has no own row: {why}") for table, why in failed.items()))
    with login("migrator", database) as connection:
        proof.tables = walled_tables(connection.cursor())
    found = lean_on_the_walls(
        database,
        cast.network.pk,
        cast.foreign[0].pk,
        vendor=stage.own["vendor"],
        contact=stage.own["contact"],
        told=told,
    )
    proof.add(*(Finding("sql", role, table, sentence) for role, table, sentence in found))


def _name_tables(proof: Proof, database: str) -> None:
    """Whose canary each leak shows."""
    with login("migrator", database) as connection:
        for canary in {finding.canary for finding in proof.findings if finding.canary}:
            proof.leaked[canary] = canaries.tables_of(connection, canary)


def compare(proof: Proof, walked: dict[str, set[str]], cursor: Any) -> None:
    """The installation's own database: the same walls as the one walked, and the same rules kept."""
    there = definitions(cursor)
    for kind, entries in sorted(differences(walked, there).items()):
        for entry in sorted(entries):
            where = "only in" if entry in there[kind] else "missing in"
            proof.add(Finding("wall", proof.live, kind, f"{where} the installation's database: {entry}"))
    for rule in RULES:
        proof.add(*(Finding("rule", proof.live, rule, sentence) for sentence in broken(cursor, rule)))
    proof.compared = {kind: len(entries) for kind, entries in there.items()}
    proof.rules = len(RULES)
