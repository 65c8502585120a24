"""What comparing a statement with the books finds: its names, who has to do what, and which answers it takes."""

from __future__ import annotations

EXACT = "exact"
AMOUNT_DIFFERS = "amount_differs"
REFERENCE_DIFFERS = "reference_differs"
MISSING_HERE = "missing_here"
MISSING_THERE = "missing_there"
DUPLICATE = "duplicate"
TIMING = "timing"
NAMES = {
    EXACT: "Exact",
    AMOUNT_DIFFERS: "Amount differs",
    REFERENCE_DIFFERS: "Reference differs",
    MISSING_HERE: "Missing here",
    MISSING_THERE: "Missing there",
    DUPLICATE: "Duplicate",
    TIMING: "Timing",
}
#: Who has to do what about one that waits.
TO_DO = {
    EXACT: "Finance confirms that these are the same.",
    AMOUNT_DIFFERS: "Finance accepts the difference, or disputes the entry with the counterparty.",
    REFERENCE_DIFFERS: "Finance looks whether both mean the same, then confirms it or takes them apart.",
    MISSING_HERE: "Finance finds out what it is and posts it, or has the counterparty take it off.",
    MISSING_THERE: "The counterparty adds it to its statement, or the entry is corrected here.",
    DUPLICATE: "Whoever has it twice takes one off: the counterparty from its statement, or finance by a void.",
    TIMING: "Nothing is wrong: finance notes it, and looks for it in the next statement.",
}

CONFIRMED, ACCEPTED, DISPUTED, NOTED = "confirmed", "accepted", "disputed", "timing"
ANSWERS = {
    CONFIRMED: "Confirmed",
    ACCEPTED: "Accepted",
    DISPUTED: "Disputed",
    NOTED: "Noted as timing",
}
