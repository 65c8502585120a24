"""Export a network's organizations as CSV or as a FHIR Bundle, as import_organizations reads them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.tenancy import bound
from core.tenancy.every import add_network, networks_meant
from orgs.imports.csv_file import ADJACENCY, PATH, write_csv
from orgs.imports.fhir import write_fhir
from orgs.queries.imports import exported_rows


class Command(BaseCommand):
    help = "Prints the organizations of a network that aren't archived, from the top."

    def add_arguments(self, parser: CommandParser) -> None:
        add_network(parser, required=True)
        parser.add_argument("--format", choices=["csv", "csv-path", "fhir"], default="csv")

    def handle(self, *args: Any, **options: Any) -> None:
        (network_id,) = networks_meant(options["network"])
        with bound(network_id):
            rows = exported_rows()
        if options["format"] == "fhir":
            self.stdout.write(write_fhir(rows), ending="")
            return
        form = PATH if options["format"] == "csv-path" else ADJACENCY
        for line in write_csv(rows, form=form):
            self.stdout.write(line, ending="")
