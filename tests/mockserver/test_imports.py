"""Who may import whom, where API versions may be named, and that the public names are what they say."""

# ruff: noqa: E501  (recorded texts stay on one line)

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mockserver

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(mockserver.__file__).parent
REPOSITORY = ROOT.parent
SUITE = REPOSITORY / "suite"
IMPURE = {
    "asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "queue", "random",
    "secrets", "select", "selectors", "signal", "socket", "ssl", "subprocess", "tempfile", "threading",
    "time", "urllib.request", "uuid", "httptools", "trustme", "websockets",
}  # fmt: skip


def modules(folder: Path) -> list[Path]:
    """All Python files below a folder, without installed ones."""
    return [path for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts]


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Absolute name of each imported module, with the names taken from it; ``TYPE_CHECKING`` blocks included."""
    package = path.parent.relative_to(REPOSITORY).parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join((*base, *filter(None, [node.module]))), tuple(alias.name for alias in node.names)


def parts(name: str, taken: tuple[str, ...]) -> set[str]:
    """A module and what is taken from it, as dotted names: either may be a module."""
    return {name, *(f"{name}.{one}" for one in taken)}


def test_the_walk_sees_relative_imports() -> None:
    found = dict(imports(ROOT / "core" / "service.py"))
    assert "Refusal" in found["mockserver.core.errors"]
    assert "frames" in found["mockserver.core"]
    assert "MockServer" in dict(imports(ROOT / "__init__.py"))["mockserver.server"]


@pytest.mark.parametrize("path", modules(ROOT / "core"), ids=lambda path: path.stem)
def test_the_core_is_pure_and_alone(path: Path) -> None:
    for name, taken in imports(path):
        assert name not in IMPURE, f"{path.name} imports {name}"
        assert name.split(".")[0] not in IMPURE, f"{path.name} imports {name}"
        if name.split(".")[0] in {"mockserver", "suite", "tests"}:
            assert name.startswith("mockserver.core"), f"{path.name} imports {name}"
        if name == "datetime":
            source = path.read_text(encoding="utf-8")
            assert ".now(" not in source, "the time comes in as a value"
            assert ".today(" not in source, "the time comes in as a value"
        assert "sleep" not in taken


@pytest.mark.parametrize(
    ("who", "whom"),
    [
        (
            "edge",
            {"admin", "verdict", "traffic", "server", "__main__", "pytest_plugin", "tls", "scripts", "relay"},
        ),
        (
            "stores",
            {"admin", "edge", "recordings", "relay", "scripts", "server", "__main__", "pytest_plugin", "tls"},
        ),
        ("recordings", {"admin", "edge", "relay", "server", "__main__", "pytest_plugin", "tls", "scripts"}),
        ("scripts", {"admin", "edge", "relay", "server", "__main__", "pytest_plugin", "tls"}),
        ("relay", {"admin", "scripts", "server", "__main__", "pytest_plugin", "verdict", "traffic"}),
        ("admin", {"server", "__main__", "pytest_plugin", "tls", "edge.listener", "edge.protocol"}),
        ("verdict", {"edge", "admin", "server", "__main__", "pytest_plugin", "tls"}),
        ("traffic.py", {"edge", "admin", "server", "__main__", "pytest_plugin", "tls", "verdict"}),
        ("tls.py", {"core", "edge", "admin", "server", "__main__", "pytest_plugin"}),
        ("command.py", {"__main__", "pytest_plugin"}),
        ("telling.py", {"__main__", "command", "pytest_plugin", "relay", "server", "serving"}),
        ("server.py", {"__main__", "pytest_plugin", "relay", "serving", "stores", "workers"}),
        ("workers", {"__main__", "pytest_plugin", "relay", "serving"}),
        ("serving.py", {"__main__", "pytest_plugin", "relay"}),
        ("__main__.py", {"pytest_plugin"}),
        ("pytest_plugin", {"__main__", "edge", "admin", "tls"}),
    ],
)
def test_the_arrows_point_one_way(who: str, whom: set[str]) -> None:
    paths = [ROOT / who] if who.endswith(".py") else modules(ROOT / who)
    assert paths
    for path in paths:
        for name, taken in imports(path):
            for part in parts(name, taken):
                for forbidden in whom:
                    dotted = f"mockserver.{forbidden}"
                    assert part != dotted, f"{path.name} imports {part}"
                    assert not part.startswith(f"{dotted}."), f"{path.name} imports {part}"


def test_the_mock_knows_no_sdk_and_no_suite() -> None:
    for path in modules(ROOT):
        for name, _ in imports(path):
            assert name.split(".")[0] not in {"google", "suite", "tests"}, f"{path} imports {name}"


def test_the_suite_takes_public_names_only() -> None:
    if not SUITE.is_dir():
        pytest.skip("there is no suite beside this mock")
    for path in modules(SUITE):
        for name, taken in imports(path):
            if name.split(".")[0] != "mockserver":
                continue
            assert name == "mockserver", f"{path.relative_to(REPOSITORY)} imports {name}"
            assert set(taken) <= set(mockserver.__all__), f"{path.relative_to(REPOSITORY)} takes {taken}"


def test_workers_import_nothing_of_this_repository() -> None:
    workers = [path for path in modules(SUITE / "drivers") if path.parent.parent == SUITE / "drivers"]
    if not workers:
        pytest.skip("there are no workers beside this mock")
    for path in workers:
        beside = f"suite.drivers.{path.parent.name}."
        for name, _ in imports(path):
            ours = name.split(".")[0] in {"mockserver", "suite", "tests"}
            assert not ours or name.startswith(beside), f"{path} imports {name}"


def literals(path: Path) -> Iterator[str]:
    """Every string of a module that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings.add(id(first.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def names_a_version(text: str) -> bool:
    """Whether a string stands for an API version, or holds one that nothing else is called."""
    return text == "v1" or "v1alpha" in text or "v1beta" in text


@pytest.mark.parametrize(
    "path",
    [path for folder in (ROOT, SUITE) if folder.is_dir() for path in modules(folder)],
    ids=lambda path: str(path.relative_to(REPOSITORY)),
)
def test_api_versions_are_named_in_one_place(path: Path) -> None:
    # The reference client stands alone, like any client: it has a default of its own.
    alone = {ROOT / "core" / "facts", SUITE / "history", SUITE / "drivers" / "reference"}
    if path == ROOT / "core" / "profiles.py" or path.parent in alone:
        return
    assert [text for text in literals(path) if names_a_version(text)] == []


def test_the_check_for_literals_finds_them() -> None:
    found = {text for text in literals(ROOT / "core" / "profiles.py") if names_a_version(text)}
    assert {"v1", "v1alpha", "v1beta"} <= found


#: What decides in the suite: values in, values out. The history has rows only.
PURE = (
    "model", "sdks", "answers", "tables", "behaving", "predict", "advice", "judge", "known", "readings", "story",
    "wire", "calls", "history", "cases",
)  # fmt: skip
#: A table of close codes, and nothing that opens a connection.
DATA = {"websockets.frames"}


@pytest.mark.parametrize("name", PURE)
def test_what_decides_in_the_suite_is_pure(name: str) -> None:
    if not SUITE.is_dir():
        pytest.skip("there is no suite beside this mock")
    paths = modules(SUITE / name) if (SUITE / name).is_dir() else [SUITE / f"{name}.py"]
    assert paths
    for path in paths:
        for module, taken in imports(path):
            pure = module in DATA or taken == ("PurePath",)
            assert pure or module.split(".")[0] not in IMPURE, f"{path.name} imports {module}"


def is_a_version(text: str) -> bool:
    """Whether a string is an SDK version and nothing else; sentences may have one as an example."""
    return re.fullmatch(r"\d+\.\d+\.\d+([a-z+-][\w.+-]*)?", text) is not None


@pytest.mark.parametrize(
    "path",
    modules(SUITE) if SUITE.is_dir() else [],
    ids=lambda path: str(path.relative_to(REPOSITORY)),
)
def test_sdk_versions_are_named_in_one_place(path: Path) -> None:
    # The reference client says of itself which version it is, as any SDK does.
    alone = {SUITE / "history", SUITE / "drivers" / "reference"}
    if path in {SUITE / "sdks.py", SUITE / "known.py"} or path.parent in alone:
        return
    assert [text for text in literals(path) if is_a_version(text)] == []


def test_the_check_for_sdk_versions_finds_them() -> None:
    assert any(is_a_version(text) for text in literals(SUITE / "history" / "python.py"))
    assert any(is_a_version(text) for text in literals(SUITE / "known.py"))


@pytest.mark.parametrize("name", mockserver.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(mockserver, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__
        assert not value.__doc__.startswith(f"{name}("), "a dataclass without words of its own"
    else:
        assert value, "a constant is no empty thing"


def test_public_names_are_unique_and_in_order() -> None:
    assert len(set(mockserver.__all__)) == len(mockserver.__all__)
    assert all("." not in name and not name.startswith("_") for name in mockserver.__all__)


def test_nothing_else_is_public() -> None:
    public = {
        name
        for name in dir(mockserver)
        if not name.startswith("_") and not inspect.ismodule(getattr(mockserver, name))
    }
    assert public == set(mockserver.__all__)


def test_a_public_name_is_where_type_checkers_see_it() -> None:
    seen = {
        name: module.removeprefix("mockserver")
        for module, taken in imports(ROOT / "__init__.py")
        for name in taken
    }
    assert seen == mockserver._HOMES
    assert sorted(seen) == sorted(mockserver.__all__)


def test_an_unknown_name_is_told_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'mockserver' has no attribute 'MockSever'"):
        mockserver.MockSever  # noqa: B018


def test_what_public_signatures_hand_out_is_public() -> None:
    exposed = {"Entry", "Token", "Options", "Refusal", "Script", "Profile", "Fact", "Model"}
    assert exposed <= set(mockserver.__all__)
