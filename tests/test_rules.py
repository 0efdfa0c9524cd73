"""The rules of the house that no linter knows, executed."""

import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import typer

from digest import model
from digest.cli import cli
from digest.settings import load

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "digest").rglob("*.py"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(text("pyproject.toml"))["project"]
    return table


def canonical(requirement: str) -> str:
    """The name in a requirement or a pin, as package indexes compare names."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def declared() -> set[str]:
    """Every package pyproject.toml asks for, ourselves left out."""
    extras = project()["optional-dependencies"].values()
    names = {canonical(each) for each in project()["dependencies"]}
    return names.union(*({canonical(each) for each in extra} for extra in extras)) - {
        project()["name"]
    }


def first_column(name: str) -> list[str]:
    """What stands in backquotes in the first column of the tables of a page."""
    return re.findall(r"(?m)^\| `([^`]+)` \|", text(name))


def pins() -> list[str]:
    return [line for line in text("constraints.txt").splitlines() if not line.startswith("#")]


def test_the_shipped_configuration_runs_as_it_stands() -> None:
    settings = load(ROOT / "config.yaml", {})
    assert settings.database == f"sqlite:///{ROOT}/data/digest.db"
    assert not settings.uses_smtp


def test_every_dependency_says_what_it_is_for() -> None:
    explained = first_column("docs/dependencies.md")
    assert sorted(canonical(each) for each in explained) == sorted(declared())


def test_every_dependency_is_pinned() -> None:
    assert declared() <= {canonical(pin) for pin in pins()}


def test_pins_are_names_and_versions() -> None:
    for pin in pins():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin), pin


def test_the_glossary_has_every_value_of_the_model() -> None:
    values = [
        name
        for name, value in vars(model).items()
        if inspect.isclass(value) and value.__module__.startswith(model.__name__)
    ]
    assert sorted(first_column("docs/glossary.md")) == sorted(values)


def test_no_module_is_too_long_to_read_at_once() -> None:
    lengths = {module: len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {module: length for module, length in lengths.items() if length > 400} == {}


def test_the_architecture_shows_every_module() -> None:
    page = text("docs/architecture.md")
    rooms = {module.relative_to(ROOT / "digest").parts[0].removesuffix(".py") for module in MODULES}
    stems = {module.stem for module in MODULES if "versions" not in module.parts}
    words = (rooms | stems) - {"__init__"}
    assert sorted(word for word in words if not re.search(rf"\b{word}\b", page)) == []


def test_every_process_has_a_line_in_the_procfile() -> None:
    lines = dict(line.split(": ", 1) for line in text("Procfile").splitlines())
    assert list(lines) == ["release", "web", "scheduler", "worker"]
    assert all(command.startswith("digest ") for command in lines.values())


def test_every_command_stands_in_the_readme() -> None:
    commands = typer.main.get_group(cli).commands
    page = text("README.md")
    assert [name for name in commands if not re.search(rf"\bdigest {name}\b", page)] == []
