"""PDF: what is written can be read back, in any script, over pages, and the same twice."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pypdfium2
import pytest
from PIL import Image

from core import locale
from core.money import Money
from core.paper import GROUP, TOTAL, Column, Paper, PaperHead, Row, pdf_response

HEAD = PaperHead("Aurora Clinic", ("Aurora Health", "12 Park Street"))
MADE_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
NAMES = [
    "आशा राव",
    "আশা",
    "ఆశా",
    "આશા",
    "ਆਸ਼ਾ",
    "ಆಶಾ",
    "Αθηνά",
    "Ольга",
    "Nguyễn",
    "Łódź",
    "₹ 5",
    "official affiliate",
]


def document(**options) -> Paper:
    return Paper("Statement", HEAD, made_at=MADE_AT, **options)


def table_of(count: int) -> bytes:
    paper = document(subtitle="January", note="Keep this.")
    rows = [
        Row(
            [
                f"Consultation {number} of a patient who came back for it again and again",
                Money(100 + number, "INR"),
            ]
        )
        for number in range(count)
    ]
    paper.table(
        [Column("Item"), Column("INR", amount=True)],
        [Row(["Care"], GROUP), *rows, Row(["Total", None], TOTAL)],
    )
    return paper.pdf()


def pages(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


def size(content: bytes) -> tuple[int, int]:
    with pypdfium2.PdfDocument(content) as pdf:
        width, height = pdf[0].get_size()
        return round(width), round(height)


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script_are_read_back(name):
    paper = document()
    paper.facts([("Patient", name)])
    assert name in pages(paper.pdf())[0]


def test_what_no_font_has_is_seen_to_be_missing():
    paper = document()
    paper.text("Mei 梅, \x07bell")
    assert "Mei ?, ?bell" in pages(paper.pdf())[0]


def test_heads_are_repeated_and_pages_are_counted():
    found = pages(table_of(90))
    assert len(found) > 2
    for number, text in enumerate(found, 1):
        assert (
            "Item" in text and "INR" in text and f"{number} of {len(found)}" in text and "Keep this." in text
        )
    assert all("Aurora Clinic · Statement" in text for text in found[1:])
    told = "\n".join(found)
    assert [told.count(f"Consultation {number} ") for number in range(90)] == [1] * 90


def test_the_same_is_the_same_to_the_byte():
    with locale.using("en-IN"):
        assert table_of(5) == table_of(5) != table_of(6)


def test_title_language_and_time_are_told():
    with pypdfium2.PdfDocument(table_of(1)) as pdf:
        told = pdf.get_metadata_dict()
    assert (told["Title"], told["Author"]) == ("Statement – January", "Aurora Clinic")
    assert told["CreationDate"] == "D:20260131120000Z"


@pytest.mark.parametrize(("code", "shape"), [("en-GB", (595, 842)), ("en-US", (612, 792))])
def test_the_locale_says_the_sheet_and_how_amounts_and_days_are_written(code, shape):
    with locale.using(code):
        paper = document()
        paper.facts([("Day", date(2026, 1, 5)), ("Nothing", None)])
        text = pages(paper.pdf())[0]
        assert locale.day(date(2026, 1, 5)) in text
        assert "Nothing" not in text
        assert size(paper.pdf()) == shape


@pytest.mark.parametrize("landscape", [False, True])
def test_long_amounts_are_never_broken(landscape):
    amount = Money(-(10**13) - 1, "INR")
    paper = document(landscape=landscape)
    columns = [Column("Account"), *(Column(f"INR {number}", amount=True) for number in range(6))]
    with locale.using("en-IN"):
        paper.table(columns, [Row(["Contract liability", *[amount] * 6], TOTAL)])
        assert pages(paper.pdf())[0].count(amount.format()) == 6


def test_a_cell_longer_than_a_page_goes_on_on_the_next():
    words = [f"word{number:04}" for number in range(3000)]
    paper = document()
    paper.table([Column("Reason")], [Row([" ".join(words)])])
    told = " ".join(pages(paper.pdf()))
    assert all(word in told for word in words)


def test_a_logo_is_drawn():
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 0, 0)).save(picture, "PNG")
    paper = Paper("Receipt", PaperHead("Aurora", logo=picture.getvalue()), made_at=MADE_AT)
    with pypdfium2.PdfDocument(paper.pdf()) as pdf:
        drawn = pdf[0].render(scale=1).to_pil().convert("RGB")
    assert (200, 0, 0) in {colour for _, colour in drawn.getcolors(1 << 20)}


def test_the_answer_is_a_download():
    response = pdf_response("receipt-7", b"%PDF")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="receipt-7.pdf"'
