"""Every module says in a sentence what belongs there."""

from __future__ import annotations

import ast

from tests.architecture.sources import python_files, tree_of, where


def test_every_module_has_a_docstring():
    silent = [
        where(path)
        for path in python_files()
        if path.read_text().strip() and not ast.get_docstring(tree_of(path))
    ]
    assert silent == []
