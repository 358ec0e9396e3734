"""The repository itself: sizes, words in their place, locks without addresses, complete migrations."""

import ast
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "lianfang"
NOT_OURS = {".git", ".venv", "node_modules", "var", "build", "__pycache__", "migrations"}

FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES, STYLE_LINES = 450, 60, 200, 400

CHINESE = re.compile(r"[\u3400-\u9fff]")
# Where Chinese in code is data of the trade and no sentence for a user: words that lists are written with.
CHINESE_IS_DATA = re.compile(r"science/|mandate/intake/|field/screening/villages\.py|settings\.py|.*/imports\.py")
# Stand on the page in both languages: the name, the names of the languages, the mark of an exercise.
SAME_IN_BOTH = re.compile(r"联防|简体中文|中文|演练数据")
INLINE = re.compile(r"\s(?:style|on[a-z]+)\s*=\s*[\"']", re.IGNORECASE)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)


def files(pattern, base=PACKAGE):
    found = [path for path in sorted(base.rglob(pattern)) if not NOT_OURS & set(path.relative_to(ROOT).parts)]
    assert found, f"no {pattern} below {base}"
    return found


def product(pattern):
    return [path for path in files(pattern) if "tests" not in path.parts]


def lines(path):
    return path.read_text(encoding="utf-8").count("\n")


def place(path, line=None):
    return str(path.relative_to(ROOT)) + (f":{line}" if line else "")


def test_files_are_short():
    long = {place(path): lines(path) for path in files("*.py") + files("*.py", ROOT / "tests")}
    assert {path: count for path, count in long.items() if count > FILE_LINES} == {}


def test_functions_are_short():
    long = [
        f"{place(path, node.lineno)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in files("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert long == []


def test_templates_are_short():
    assert [place(path) for path in files("*.html") if lines(path) > TEMPLATE_LINES] == []


def test_own_styles_are_few():
    assert sum(map(lines, files("*.css"))) < STYLE_LINES


def test_templates_carry_no_styles_and_no_handlers():
    found = [
        place(path, number)
        for path in files("*.html")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if INLINE.search(line)
    ]
    assert found == []


def chinese_strings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and is_documented(node)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings and CHINESE.search(node.value):
            yield node.lineno


def is_documented(node):
    return bool(node.body) and isinstance(node.body[0], ast.Expr)


def test_chinese_stands_in_the_catalogue_and_not_in_code():
    found = {
        place(path, line)
        for path in product("*.py")
        if not CHINESE_IS_DATA.match(path.relative_to(PACKAGE).as_posix())
        for line in chinese_strings(path)
    }
    assert sorted(found) == []


@pytest.mark.parametrize("pattern", ["*.html", "*.js", "*.css"])
def test_chinese_stands_in_the_catalogue_and_not_in_pages(pattern):
    found = [
        place(path, number)
        for path in files(pattern)
        for number, line in enumerate(without_comments(path).splitlines(), 1)
        if CHINESE.search(SAME_IN_BOTH.sub("", line))
    ]
    assert found == []


def without_comments(path):
    return COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), path.read_text(encoding="utf-8"))


def test_each_exception_from_a_rule_gives_its_reason():
    bare = re.compile(r"#\s*(noqa(: [A-Z]+\d+(, ?[A-Z]+\d+)*)?|type: ignore(\[[a-z, -]+\])?)\s*$")
    found = [
        place(path, number)
        for path in files("*.py") + files("*.py", ROOT / "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_every_folder_with_code_is_a_package_and_no_tests_folder_is():
    """A folder without __init__.py escapes the contracts on imports: tests may, the product must not."""
    wrong = [
        place(path.parent)
        for path in files("*.py")
        if (path.parent / "__init__.py").exists() == ("tests" in path.parts)
    ]
    assert sorted(set(wrong)) == []


def test_contracts_on_imports_have_no_exceptions():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert len(config["contracts"]) >= 8
    assert [contract["name"] for contract in config["contracts"] if "ignore_imports" in contract] == []


def locked(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"(?m)^([a-z0-9][\w.-]*(?:\[[\w,]+\])?)==([^\s;]+)(.*(?:\n    .*)*)", text)
    return {package: (version, "--hash=sha256:" in rest) for package, version, rest in blocks}


def test_python_packages_are_locked_with_checksums_and_equal_in_both_lists():
    run, dev = locked("requirements.txt"), locked("requirements-dev.txt")
    assert len(run) > 20
    assert [name for name, (_, hashed) in dev.items() if not hashed] == []
    assert {name: dev.get(name) for name in run} == run


def test_front_end_libraries_are_locked_with_checksums():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    libraries = {name: entry for name, entry in packages.items() if name}
    assert [name for name, entry in libraries.items() if "integrity" not in entry] == []
    assert [name for name, entry in libraries.items() if "resolved" in entry] == []


def test_no_file_names_a_package_index_or_a_folder_of_somebodys_machine():
    forbidden = re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npm|npmmirror|tuna\.tsinghua|(?<![\w.])/(?:home|work|Users)/"
    )
    texts = [
        *ROOT.glob("*.*"),
        *ROOT.glob(".*rc"),
        ROOT / "Makefile",
        *ROOT.glob("tools/*"),
        *ROOT.glob(".ci/*"),
    ]
    texts += [path for path in product("*.*") if path.suffix in {".py", ".html", ".yaml", ".js", ".css", ".po"}]
    found = [place(path) for path in texts if path.is_file() and forbidden.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_migrations_say_everything_that_the_models_say():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    with translation.override(None):  # else a label of Django in another language looks like a change
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        missing = {
            app: [str(operation) for migration in migrations for operation in migration.operations]
            for app, migrations in detector.changes(graph=loader.graph).items()
        }
    assert missing == {}
    assert loader.detect_conflicts() == {}


def test_migrations_are_named_by_what_they_do():
    names = list(PACKAGE.rglob("migrations/[0-9]*.py"))
    assert [place(path) for path in names if re.search(r"_auto_|\d{8}", path.stem)] == []
    numbered = sorted((path.parent, path.stem[:4]) for path in names)
    assert [place(folder) for (folder, a), (other, b) in pairwise(numbered) if (folder, a) == (other, b)] == []
