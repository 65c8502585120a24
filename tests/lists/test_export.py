"""Files of lists: what they hold, what they never hold, and what spreadsheets can't be made to do."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessEvent
from core.money import Money
from core.sheet import Sheet
from core.tenancy import bound
from core.views import export
from orgs.actions.organization import add_organization
from orgs.models import Organization
from tests.cast import CANARY, SYSTEM, details
from tests.ledger.market import open_market
from tests.vendors.conftest import build_lab

LIST = reverse("organization-list")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FORMULAS = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    '=HYPERLINK("https://evil.example")',
]


def csv_of(answer) -> list[dict[str, str]]:
    assert answer["Content-Type"].startswith("text/csv"), answer.status_code
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"), newline="")))


def cells_of(data: bytes) -> list[dict[str, tuple[str, str]]]:
    """Every row of the sheet as {column letters: (type, value)}, read from the XML itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.iter(f"{MAIN}f")), "no cell is a formula"
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    assert next(sheet.iter(f"{MAIN}pane")).get("state") == "frozen"
    return [
        {
            cell.get("r", "").rstrip("0123456789"): (
                cell.get("t", "n"),
                "".join(one.text or "" for one in cell.iter() if one.tag in (f"{MAIN}v", f"{MAIN}t")),
            )
            for cell in row
        }
        for row in sheet.iter(f"{MAIN}row")
    ]


def xlsx_of(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    head, *rows = cells_of(b"".join(answer))
    return [{head[at][1]: value for at, (_, value) in row.items()} for row in rows]


class TestWhatTheyHold:
    def test_both_hold_the_rows_that_the_filters_leave_of_all_pages(self, cast, browse):
        with bound(cast.network.pk):
            for number in range(30):
                add_organization(
                    SYSTEM, cast["P"], kind="sub", details=details(f"Ward {number:02}", f"W{number:02}")
                )
        client = browse("administrator")
        for read, kind in ((csv_of, "csv"), (xlsx_of, "xlsx")):
            assert len(read(client.get(LIST, {"export": kind, "page": 2}))) == 37
            rows = read(client.get(LIST, {"export": kind, "q": "ward", "sort": "-name"}))
            assert [row["Name"] for row in rows] == [f"Ward {n:02}" for n in range(29, -1, -1)]
            assert rows[0]["Parent code"] == "P"

    def test_ticked_rows_come_with_the_filters_that_showed_them(self, cast, browse):
        ids = [cast.organizations[code].pk for code in "SQ"]
        client = browse("administrator")
        asked = {"export": "csv", "selected": ids, "_query": "sort=-name&columns=city"}
        rows = csv_of(client.get(LIST, asked))
        assert [row["Name"] for row in rows] == ["Quay Partners", "North Clinic"]
        assert set(rows[0]) == {"Name", "City"}
        assert csv_of(client.get(LIST, asked | {"_query": "kind=partner"}))[0]["Name"] == "Quay Partners"

    def test_columns_that_were_put_away_stay_away_but_never_the_name(self, browse):
        page = browse("administrator").get(LIST, {"columns": ["code", "nosuch"]})
        assert [column.name for column in page.context["table"].columns] == ["name", "code"]
        page = browse("administrator").get(LIST, {"columns": ["nosuch", "", "name"]})
        assert [column.name for column in page.context["table"].columns] == [
            "name",
            "kind",
            "below",
            "status",
        ]

    def test_numbers_days_and_amounts_are_what_they_are(self):
        file = io.BytesIO()
        values = [
            *(12, -3.5, Money(-123456, "INR"), Money(500, "JPY"), True, date(2026, 3, 2)),
            *(datetime(2026, 3, 2, 8, tzinfo=UTC), None, "", "007", 10**17, "a\x01b" + "c" * 40_000),
        ]
        assert Sheet(file, "A [b]: c?").write([str(n) for n in range(len(values))], [values]) == 1
        _, row = cells_of(file.getvalue())
        kinds = {at: kind for at, (kind, _) in row.items()}
        assert [row[at][1] for at in "ABCD"] == ["12", "-3.5", "-1234.56", "500"]
        assert {kinds[at] for at in "ABCDFG"} == {"n"}
        assert kinds["E"] == "b"
        assert row["F"][1] == "46083"
        assert not {"H", "I"} & row.keys()
        assert (row["J"], row["K"]) == (("inlineStr", "007"), ("inlineStr", str(10**17)))
        assert row["L"][1].startswith("abccc")
        assert len(row["L"][1]) == 32_767


class TestHarm:
    @pytest.mark.parametrize("name", FORMULAS)
    def test_no_cell_becomes_a_formula(self, cast, browse, name):
        with bound(cast.network.pk):
            Organization.objects.filter(pk=cast["S"].pk).update(name=name)
        client = browse("administrator")
        assert "'" + name in {row["Name"] for row in csv_of(client.get(LIST, {"export": "csv"}))}
        assert name in {row["Name"] for row in xlsx_of(client.get(LIST, {"export": "xlsx"}))}

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_a_file_has_what_its_reader_may_see(self, cast, browse, kind):
        read = csv_of if kind == "csv" else xlsx_of
        foreign = cast.organizations["C1B"].pk
        everything = {"export": kind, "status": ""}
        names = {row["Name"] for row in read(browse("partner").get(LIST, everything))}
        assert names == {"Quay Partners", "Quay Annex"}
        beyond = {"selected": [foreign, cast.organizations["S"].pk, cast.organizations["R"].pk]}
        assert [row["Name"] for row in read(browse("partner").get(LIST, everything | beyond))] == [
            "Quay Annex"
        ]
        assert CANARY not in str(read(browse("administrator").get(LIST, everything | beyond)))

    @pytest.mark.parametrize(
        "selected", ["", "x", "-1", "9" * 40, "²", "1\0", "<script>", "1,2", "1 OR 1=1", "00", "1.5"]
    )
    def test_ticks_that_are_nonsense_give_an_empty_file(self, browse, selected):
        answer = browse("administrator").get(LIST, {"export": "csv", "selected": selected})
        assert csv_of(answer) == []

    def test_a_kind_of_file_that_there_is_not_is_the_page(self, browse):
        for kind in ("pdf", "", "CSV", "../csv"):
            assert browse("administrator").get(LIST, {"export": kind}).context["table"] is not None

    def test_more_rows_than_a_sheet_holds_are_refused_with_words(self, browse, monkeypatch):
        monkeypatch.setattr(export, "MOST_ROWS", 3)
        answer = browse("administrator").get(LIST, {"export": "xlsx", "sort": "name"})
        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?sort=name")
        [said] = [str(one) for one in get_messages(answer.wsgi_request)]
        assert "7 rows" in said
        assert "export it as CSV" in said
        assert len(csv_of(browse("administrator").get(LIST, {"export": "csv"}))) == 7


class TestPatientsInFiles:
    @pytest.fixture
    def sold(self, cast):
        with bound(cast.network.pk):
            market, lab = open_market(cast), build_lab(cast)
            market.sell("CHECKUP", at="S", patient=lab.patient)
            lab.order("S")
        return lab.patient

    @pytest.mark.parametrize("name", ["sale-list", "entitlement-list", "request-list"])
    def test_are_named_to_those_who_may_export_them_and_that_is_logged(self, cast, browse, sold, name):
        [row] = csv_of(browse("local_admin").get(reverse(name), {"export": "csv"}))
        assert row["Patient"] == sold.full_name
        with bound(cast.network.pk):
            assert [one.patient_ids for one in AccessEvent.objects.filter(kind="export")] == [[sold.pk]]

    @pytest.mark.parametrize("name", ["sale-list", "entitlement-list", "request-list"])
    def test_are_hidden_from_others(self, cast, browse, sold, name):
        answer = browse("desk").get(reverse(name), {"export": "csv"})
        [row] = csv_of(answer)
        assert row["Patient"] == "Hidden"
        assert sold.family_name not in str(row)
        with bound(cast.network.pk):
            assert not AccessEvent.objects.filter(kind="export").exists()


def test_ten_thousand_rows_are_held_in_pieces(cast, browse, monkeypatch):
    """Memory and queries grow with the pieces, not with the rows."""
    with bound(cast.network.pk), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orgs_setting"
            "batch (network_id, key, what, before, inherits, made_by, made_at, undone_by)"
            " SELECT app.network_id(), 'structure.max_sub_depth', 'Change ' || n, '[]', false, 'Ada', now(), ''"
            " FROM generate_series(1, 10000) n"
        )
    monkeypatch.setattr(
        "django.test.client.store_rendered_templates", lambda *args, **more: None
    )  # keeps each cell
    client, url = browse("administrator"), reverse("setting-batches")
    for kind, most in (("csv", 12_000_000), ("xlsx", 12_000_000)):
        with CaptureQueriesContext(connection) as queries:
            tracemalloc.start()
            answer = client.get(url, {"export": kind})
            lines = sum(piece.count(b"\n") for piece in answer)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert kind == "xlsx" or lines == 10_001
        assert peak < most, (kind, peak)
        assert len(queries) < 60
