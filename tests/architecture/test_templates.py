"""Templates: no inline script or style, nothing unescaped, every form guarded, only words of the glossary."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import lucide
import pytest

from tests.architecture.sources import APPS, ROOT, python_files, template_files, where

#: what is looked for -> why
MARKUP = {
    r"<script(?![^>]*\bsrc=)": "an inline script, which the policy of the pages blocks",
    r"<style\b": "an inline style sheet",
    r"\sstyle\s*=": "an inline style",
    r"\son[a-z]+\s*=\s*[\"']": "an inline handler",
    r"\shx-on[:\-=]": "an inline handler",
    r"javascript:": "a script in an address",
    r"(hx-vals|hx-headers)=[\"']js:": "a script in an attribute",
    r"\|\s*safe\b": "text that is not escaped",
    r"{%\s*autoescape\s+off": "text that is not escaped",
    r"(src|href)=[\"'](https?:)?//": "something from another host",
}
#: Words that the glossary replaces, as people would read them in a page.
OTHER_WORDS = {
    r"\btenants?\b": "network",
    r"\bsubsidiar(y|ies)\b": "sub",
    r"\bsub-?organi[sz]ations?\b": "sub",
    r"\bchild organi[sz]ations?\b": "sub",
    r"\bfranchises?\b": "partner",
    r"\bsuppliers? portal\b": "vendor portal",
    r"\bvouchers?\b": "entitlement",
    r"\bcoupons?\b": "entitlement",
    r"\bprice ?lists?\b": "tariff",
    r"\blorem\b": "real text",
    r"\b(TODO|FIXME|XXX|HACK)\b": "nothing unfinished",
}


def markup(text: str) -> str:
    """The template without its tags, whose arguments look like attributes; filters and blocks stay."""
    return re.sub(r"{%-?\s*(?!autoescape)\w+.*?%}", " ", text)


def broken_by(text: str, rules: dict[str, str]) -> list[str]:
    flags = 0 if rules is MARKUP else re.IGNORECASE
    return [
        f"{match.group(0).strip()!r}: {why}"
        for pattern, why in rules.items()
        for match in re.finditer(pattern, text, flags)
    ]


def prose(text: str) -> str:
    """What people read of a template: no comments, tags or attributes of markup."""
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", " ", text, flags=re.DOTALL)
    return re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", list(template_files()), ids=where)
def test_a_template_is_clean(path: Path):
    text = path.read_text()
    rules = (
        MARKUP
        if path.parent.name != "mail"
        else {rule: why for rule, why in MARKUP.items() if "<style" not in rule}
    )
    assert broken_by(markup(text), rules) == []
    assert broken_by(prose(text), OTHER_WORDS) == []


@pytest.mark.parametrize(
    "unclean",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        "<style>p {}</style>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        "{{ name|safe }}",
        "{{ name | safe }}",
        "{% autoescape off %}",
        '<script src="https://cdn.example/x.js"></script>',
        "<b hx-on:click='go()'>",
    ],
)
def test_unclean_markup_is_found(unclean):
    assert broken_by(markup(unclean), MARKUP)


@pytest.mark.parametrize(
    "text", ["<p>Your tenant</p>", "<p>A voucher</p>", "<h1>TODO</h1>", "<p>Each subsidiary</p>"]
)
def test_other_words_are_found(text):
    assert broken_by(prose(text), OTHER_WORDS)


def with_includes(text: str, depth: int = 3) -> str:
    """A piece of a template with what it includes by name."""
    if depth == 0:
        return text
    names = re.findall(r"""{%\s*include\s+["']([^"']+)["']""", text)
    paths = [ROOT / "templates" / name for name in names]
    return text + "".join(with_includes(path.read_text(), depth - 1) for path in paths if path.exists())


def test_a_form_that_posts_carries_its_token():
    """The token against forged requests, in the form itself or in what it includes."""
    missing = []
    for path in template_files():
        for form in re.findall(
            r"<form\b[^>]*method=[\"']post[\"'].*?</form>", path.read_text(), re.DOTALL | re.IGNORECASE
        ):
            if not re.search(r"csrf_token|network_fields", with_includes(form)):
                missing.append(where(path))
    assert missing == []


def test_python_marks_nothing_as_safe():
    """`format_html` escapes what it is given; `mark_safe` trusts it."""
    trusted = {"core/templatetags/caretree.py", "network/views/design.py"}  # fixed markup of the components
    found = [
        where(path)
        for path in python_files()
        if re.search(r"\bmark_safe\b|SafeString\(|\|safe\b", path.read_text())
    ]
    assert set(found) - trusted == set()


def test_messages_of_the_product_use_the_words_of_the_glossary():
    """Texts in Python that people read: refusals and help."""
    found = []
    for path in python_files():
        for text in re.findall(r"Refused\(\s*\"[^\"]*\",\s*f?\"([^\"]*)\"", path.read_text()):
            found += [f"{where(path)}: {wrong}" for wrong in broken_by(text, OTHER_WORDS)]
    assert found == []


def test_every_icon_that_is_named_exists():
    archive = next(Path(lucide.__file__).parent.glob("*.zip"))
    there = {name.removesuffix(".svg") for name in zipfile.ZipFile(archive).namelist()}
    named: dict[str, str] = {}
    for path in template_files():
        named |= {
            icon: where(path)
            for icon in re.findall(
                r"{%\s*icon\s+[\"']([a-z0-9-]+)[\"']|\bicon=[\"']([a-z0-9-]+)[\"']", path.read_text()
            )
            for icon in icon
            if icon
        }
    for app in APPS:
        for path in python_files(app):
            named |= dict.fromkeys(
                re.findall(
                    r"[\"']icon[\"']: [\"']([a-z0-9-]+)[\"']|icon=[\"']([a-z0-9-]+)[\"']", path.read_text()
                ),
                where(path),
            )  # type: ignore[arg-type]
    from core.registries import navigation

    icons = {
        icon: place
        for key, place in named.items()
        for icon in ((key,) if isinstance(key, str) else key)
        if icon
    }
    icons |= {item.icon: f"navigation: {item.label}" for item in navigation}
    assert {icon: place for icon, place in icons.items() if icon not in there} == {}


def test_the_templates_are_where_they_should_be():
    assert len(list(template_files())) > 20
    assert ROOT.joinpath("templates", "base.html").exists()
