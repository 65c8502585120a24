"""Two registrations of one person at the same moment: the second waits for the first and warns."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from django.db import connections

from core.tenancy import bound
from patients.actions.patient import PossibleDuplicate, register_patient
from patients.models import Patient
from tests.cast import SYSTEM, Cast
from tests.patients.conftest import details

HELD = 1.0  # how long the first is written and not yet committed while the second tries


def test_a_double_click_registers_once(own_world: Cast) -> None:
    together, first_is_written = Barrier(2, timeout=20), Event()

    def first() -> str:
        with bound(own_world.network.pk):
            register_patient(SYSTEM, own_world["S"], details=details())
            first_is_written.set()
            together.wait()
            time.sleep(HELD)
        return "registered"

    def second() -> str:
        first_is_written.wait(20)
        with bound(own_world.network.pk):
            together.wait()
            try:
                register_patient(SYSTEM, own_world["S"], details=details())
            except PossibleDuplicate:
                return "warned"
        return "registered"

    def run(work) -> str:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, [first, second])) == ["registered", "warned"]
    with bound(own_world.network.pk):
        assert Patient.objects.count() == 1
