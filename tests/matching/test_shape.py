"""The engine's own order: who may import whom, that every code has words, how long files are."""

from __future__ import annotations

import ast
import string
import subprocess
import sys
from pathlib import Path

import pytest

import matching
from matching.codes import PARAMETERS
from matching.model import Code
from matching.verify import RULES
from matching.words import ENGLISH, say
from matching.words import RULES as RULE_WORDS

PACKAGE = Path(matching.__file__).parent


def imports_of(path: Path) -> set[str]:
    """Modules of the engine that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= set(names) if node.module == "matching" else {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] == "matching"}


def test_the_verifier_imports_the_model_and_itself_only() -> None:
    for path in (PACKAGE / "verify").glob("*.py"):
        for name in imports_of(path):
            assert name == "matching.model" or name.startswith("matching.verify."), path


def test_readers_import_the_model_and_themselves_only() -> None:
    for path in (PACKAGE / "io").glob("*.py"):
        for name in imports_of(path):
            assert name == "matching.model" or name.startswith("matching.io."), path


@pytest.mark.parametrize(
    "module",
    ["pairing", "lexicographic", "steps", "optima", "objectives", "clash", "explain", "child"],
)
def test_solving_and_explaining_never_see_an_instance(module: str) -> None:
    path = PACKAGE / f"{module}.py"
    assert not imports_of(path) & {"matching.instance", "matching.scoring"}
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    names = {node.id for node in tree if isinstance(node, ast.Name)}
    assert "Instance" not in names


def test_codes_and_the_package_load_no_solver() -> None:
    program = "import sys, matching, matching.codes; print('ortools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True, cwd=PACKAGE.parent)  # fmt: skip
    assert done.stdout == "False\n"


def test_public_names_exist() -> None:
    for name in matching.__all__:
        assert getattr(matching, name)


def test_every_code_has_words_with_its_parameters() -> None:
    assert set(PARAMETERS) == set(ENGLISH)
    for code, names in PARAMETERS.items():
        used = {part for _, part, _, _ in string.Formatter().parse(ENGLISH[code]) if part}
        assert used == set(names), code
        assert say(Code(code, dict.fromkeys(names, "x")))


def test_every_enum_of_codes_is_listed_in_full() -> None:
    enums = {type(code) for code in PARAMETERS}
    assert len(enums) == 8
    for enum in enums:
        assert [code for code in PARAMETERS if type(code) is enum] == list(enum)


def test_no_two_codes_share_a_word() -> None:
    words = [str(code) for enum in {type(code) for code in PARAMETERS} for code in enum]
    assert len(words) == len(set(words))


def test_every_rule_has_words() -> None:
    assert set(RULES) == set(RULE_WORDS)


def test_files_stay_readable() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 400, path
