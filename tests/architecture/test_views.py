"""Every page of the console declares its permission; what is public says why."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from core.permissions import all_permissions, is_known
from core.registries import navigation, organization_tabs, patient_tabs
from core.settings import GROUPS
from core.views.base import ConsoleView
from core.views.form import FormPage
from core.views.list import ListPage
from tests.architecture.sources import python_files, tree_of


def views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, view) of every route; the view is a class where there is one."""
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, getattr(pattern.callback, "view_class", pattern.callback)


ROUTES = list(views(get_resolver().url_patterns))
CONSOLE = [(path, view) for path, view in ROUTES if path.startswith("console/")]


@pytest.mark.parametrize(("path", "view"), CONSOLE, ids=[path for path, _ in CONSOLE])
def test_a_console_page_declares_a_known_permission(path, view):
    assert issubclass(view, ConsoleView)
    assert is_known(view.permission)
    assert inspect.getdoc(view)


@pytest.mark.parametrize("base", [ConsoleView, FormPage, ListPage])
def test_a_page_without_a_permission_cannot_be_defined(base):
    with pytest.raises(ImproperlyConfigured, match="must declare its permission"):
        type("Forgetful", (base,), {})
    with pytest.raises(ImproperlyConfigured, match="must declare its permission"):
        type("Empty", (base,), {"permission": ""})
    assert type("Careful", (base,), {"permission": "organization:view"})


def test_an_abstract_page_hands_no_permission_down():
    """A base that is abstract may lack one, and what derives from it may not."""

    class Base(ConsoleView, abstract=True):
        pass

    with pytest.raises(ImproperlyConfigured):
        type("Derived", (Base,), {})


def is_public(view: Any) -> bool:
    return False in (
        getattr(view, "login_required", True),
        getattr(getattr(view, "dispatch", None), "login_required", True),
    )


def test_a_public_view_of_ours_says_why_or_has_a_session_and_permission_of_its_own():
    unsaid = [
        path
        for path, view in ROUTES
        if is_public(view)
        and not view.__module__.startswith("allauth.")
        and not getattr(view, "permission", None)
        and "public" not in f"{inspect.getdoc(view)} {inspect.getdoc(inspect.getmodule(view))}".lower()
    ]
    assert unsaid == []


def test_nothing_else_is_public():
    """Outside the console: what allauth opens to strangers, the front door, invitations, logos, development mail, the
    portal."""
    ours = {path for path, view in ROUTES if is_public(view) and not view.__module__.startswith("allauth.")}
    assert {path for path in ours if not path.startswith(("portal/", "dev/mail/"))} == {
        "",
        "^logos/(?P<digest>[0-9a-f]{64})\\.png$",
        "invitations/<str:token>/",
    }


def test_no_two_routes_share_a_name_or_lack_one():
    names = [pattern for pattern in get_resolver().reverse_dict if isinstance(pattern, str)]
    assert len(names) == len(set(names))


def test_the_menu_and_the_tabs_ask_what_their_page_asks():
    """An entry that is shown to somebody who then gets 403 is a dead end."""
    by_name = {}
    for resolver_path, view in CONSOLE:
        by_name[resolver_path] = view
    from django.urls import reverse

    for item in navigation:
        path = reverse(item.url_name).lstrip("/")
        assert by_name[path].permission == item.permission, item.label
    for tab in (*organization_tabs, *patient_tabs):
        path = next(
            path
            for path, _ in CONSOLE
            if reverse(tab.url_name, args=[77]).lstrip("/") == path.replace("<int:pk>", "77")
        )
        assert by_name[path].permission == tab.permission, tab.label


def test_every_permission_is_held_by_a_role_and_asked_somewhere():
    asked = {view.permission for _, view in CONSOLE} | {
        getattr(view, "export_permission", "") for _, view in CONSOLE
    }
    asked |= actions_permissions() | set(permissions_asked_inside())
    asked |= {group.permission for group in GROUPS.values()}  # asked by the actions that write settings
    unasked = {one.code for one in all_permissions() if not one.code.startswith("portal:")} - asked
    assert unasked == set(), "a permission that nothing asks"


def actions_permissions() -> set[str]:
    from tests.architecture.test_actions import ACTIONS

    return {function.action[0] for _, function in ACTIONS}


def permissions_asked_inside() -> Iterator[str]:
    """What actions ask besides their own permission: `require(act.actor, BILL_CREATE, event)`."""
    for path in python_files():
        app = path.parent.parent
        if path.parent.name != "actions" or not (app / "permissions.py").exists():
            continue
        declared = vars(import_module(f"{app.name}.permissions"))
        for node in ast.walk(tree_of(path)):
            match node:
                case ast.Call(
                    func=ast.Name(id="require" | "allowed" | "is_allowed"), args=[_, ast.Name(id=name), *_]
                ) if name in declared:
                    yield declared[name]
