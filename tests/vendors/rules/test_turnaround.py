"""The turnaround clock and the words of its lengths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vendors.rules.turnaround import Hours, clock, minutes_between, words

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
TARGET = START + timedelta(hours=24)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 min"),
        (59, "59 min"),
        (60, "1 h"),
        (200, "3 h 20 min"),
        (47 * 60, "47 h"),
        (48 * 60, "2 d"),
        (52 * 60, "2 d 4 h"),
    ],
)
def test_words(minutes, said):
    assert words(minutes) == said


def test_minutes_are_whole_and_never_negative():
    assert minutes_between(START, START + timedelta(minutes=4, seconds=59)) == 4
    assert minutes_between(START, START - timedelta(hours=1)) == 0


HELD = timedelta(hours=2)


@pytest.mark.parametrize(
    ("now", "more", "text", "tone"),
    [
        (START, {}, "24 h left", ""),
        (START + timedelta(hours=18, minutes=1), {}, "5 h 59 min left", "soon"),
        (TARGET + timedelta(minutes=30), {}, "30 min overdue", "late"),
        (TARGET + timedelta(days=9), {"completed_at": START + timedelta(hours=3)}, "took 3 h", ""),
        (TARGET + timedelta(days=9), {"completed_at": TARGET + timedelta(hours=1)}, "took 25 h", "late"),
        (TARGET + timedelta(days=9), {"held_at": TARGET - timedelta(hours=1)}, "on hold for 9 d 1 h", ""),
        (TARGET, {"due_at": TARGET + HELD, "held_for": HELD}, "2 h left", "soon"),
        (
            TARGET + timedelta(days=9),
            {"due_at": TARGET + HELD, "held_for": HELD, "completed_at": TARGET + timedelta(hours=1)},
            "took 23 h, 25 h with holds",
            "",
        ),
    ],
)
def test_clock(now, more, text, tone):
    shown = clock(Hours(**({"requested_at": START, "due_at": TARGET} | more)), now)
    assert (shown.text, shown.tone) == (text, tone)
    assert "2 March 2026" in shown.title


def test_within_the_grace_it_is_not_overdue():
    hours = Hours(START, TARGET)
    shown = clock(hours, TARGET + timedelta(minutes=30), timedelta(hours=1))
    assert (shown.text, shown.tone) == ("30 min past the target", "soon")
