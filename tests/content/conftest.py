"""Content of the parent, ready to be shared."""

from typing import Any

import pytest

from content.actions.item import Details, add_content
from network.isolation.records import INTAKE
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM, Cast


@pytest.fixture
def item(world: Cast) -> Any:
    """A questionnaire of the parent with its first version published."""
    made = add_content(SYSTEM, world["P"], kind="questionnaire", code="intake", details=Details("Intake"))
    publish_body(SYSTEM, made, INTAKE)
    return made
