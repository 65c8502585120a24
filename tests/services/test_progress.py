"""What a person who starts everything reads."""

from __future__ import annotations

import io

from network.services.progress import Progress, sign_ins_table

ANN = {
    "email": "ann@example.org",
    "password": "mare-oat-1",
    "role": "Front desk",
    "organization": "North",
    "network": "Vale",
}


def test_a_shared_password_is_told_once() -> None:
    told = sign_ins_table([ANN, {**ANN, "email": "bo@example.org"}])
    assert told.count("mare-oat-1") == 1
    assert "  ann@example.org  Front desk  North         Vale" in told


def test_different_passwords_stand_in_their_rows() -> None:
    told = sign_ins_table([ANN, {**ANN, "password": "two", "organization": None}])  # type: ignore[dict-item]
    assert "  ann@example.org  two         Front desk" in told


def test_nobody_is_no_table() -> None:
    assert sign_ins_table([]) == ""


def test_a_terminal_that_went_away_is_no_failure() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Progress(Gone()).say("anybody there?")
