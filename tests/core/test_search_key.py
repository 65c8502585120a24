"""Search keys: the same text in, the same key out, whatever the script, case or signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import ALPHABET, clean_code, random_code
from core.search_key import normalize, prefix


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Müller-Lüdenscheidt", "muller ludenscheidt"),
        ("  O'Brien,  Anne ", "o brien anne"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź Ørsted", "lodz orsted"),
        ("ﬁnance", "finance"),
        ("東京 病院", "東京 病院"),
        ("प्रिया", normalize("प्रिया")),
        ("𝐀nna ᴮell", "anna bell"),
        ("---", ""),
        ("", ""),
    ],
)
def test_keys(text, key):
    assert normalize(text) == key


@given(st.text(max_size=60))
def test_a_key_is_its_own_key_and_has_no_signs(text):
    key = normalize(text)
    assert normalize(key) == key
    assert key == key.strip()
    assert "  " not in key
    assert not set(key) & set("%_\\'\"\0\n-")


def test_no_letter_of_any_script_is_left_in_another_dress():
    letters = (chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000)
    assert [letter for letter in letters if normalize(normalize(letter)) != normalize(letter)] == []


@given(st.text(alphabet="abcxyzéü ", min_size=1, max_size=12), st.text(alphabet="abcxyz", max_size=6))
def test_the_start_of_a_key_is_in_its_range(start, rest):
    condition = prefix("key", start)
    if not normalize(start):
        assert not condition.children
        return
    bounds = dict(condition.children)
    assert bounds["key__gte"] <= normalize(start) + rest < bounds["key__lt"]


def test_codes_are_typed_back_in_any_way():
    code = random_code()
    assert clean_code(code.lower().replace("-", " ")) == code
    assert clean_code(f" {code.replace('-', '')} ") == code
    assert set(code) <= {*ALPHABET, "-"}
    assert len({random_code() for _ in range(500)}) == 500
