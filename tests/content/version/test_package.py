"""What the parent published is recreated in another Parent Account, as a version of its own."""

from content.actions.item import Details, add_content
from content.actions.version import start_draft
from content.models import ContentItem, ContentVersion
from content.queries.item import newest_of
from core.content_package import Difference, compare, read_package, write_package
from core.tenancy import bound
from network.isolation.records import INTAKE
from orgs.actions.content_package import export_content, import_content
from orgs.actions.network import NewNetwork, create_network
from orgs.queries import tree
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM


def differences(text):
    return {one.item.code: (one.difference, one.problem) for one in compare(read_package(text))}


def published(cast):
    made = add_content(SYSTEM, cast["P"], kind="questionnaire", code="intake", details=Details("Intake"))
    publish_body(SYSTEM, made, INTAKE)
    return made


def test_forms_are_recreated_changed_and_found_equal(cast):
    with bound(cast.network.pk):
        item = published(cast)
        text = export_content(SYSTEM, tree.root(), parts=["forms"])
        publish_body(SYSTEM, item, {"items": INTAKE["items"][:2]})
        later = export_content(SYSTEM, tree.root(), parts=["forms"])
    west = create_network(SYSTEM, cast.enterprise, NewNetwork("WEST", "West Health", "USD"))
    with bound(west.pk):
        assert differences(text) == {"intake": (Difference.NEW, "")}
        import_content(SYSTEM, tree.root(), package=read_package(text))
        made = ContentItem.objects.get(code="intake")
        assert (made.status, newest_of(made).body, made.source) == ("published", INTAKE, None)
        assert differences(text) == {"intake": (Difference.EQUAL, "")}
        assert differences(later) == {"intake": (Difference.CHANGED, "")}
        import_content(SYSTEM, tree.root(), package=read_package(later))
        assert ContentVersion.objects.filter(item=made).count() == 2
        assert differences(later) == {"intake": (Difference.EQUAL, "")}
        start_draft(SYSTEM, made)
        assert "draft" in differences(text)["intake"][1]


def test_what_is_wrong_with_a_form_is_said(cast):
    with bound(cast.network.pk):
        published(cast)
        text = write_package(source="x", made_at="now", codes=["forms"])
    package = read_package(text)
    package.parts["forms"][0].data["item do-you-smoke"]["answerOption"] = ["Yes"]
    west = create_network(SYSTEM, cast.enterprise, NewNetwork("WEST", "West Health", "USD"))
    with bound(west.pk):
        assert [one.difference for one in compare(package)] == [Difference.REFUSED]
