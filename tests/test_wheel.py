"""The wheel: what people install works without the checkout it was built from."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", str(ROOT), "--no-deps", "--wheel-dir", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def _files(folder: str) -> set[str]:
    found = (ROOT / folder).rglob("*")
    return {str(path.relative_to(ROOT / folder)) for path in found if path.is_file()}


def test_the_wheel_holds_all_that_is_needed_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "samples"):
        assert {f"digest/_{folder}/{name}" for name in _files(folder)} <= names
    migrations = (ROOT / "digest" / "store" / "migrations").rglob("*.py")
    assert {str(path.relative_to(ROOT)) for path in migrations} <= names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"digest"}
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_the_demo_runs_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    site, home = tmp_path / "site", tmp_path / "home"
    home.mkdir()
    _pip("install", str(wheel), "--no-deps", "--target", str(site))
    (page,) = (site / "digest" / "_templates" / "outbox").glob("index.html")
    page.write_text(page.read_text("utf-8").replace("<body", "<!-- installed --><body", 1), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "digest", "demo"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "Delivered: 3 sent." in done.stdout
    assert len(list((home / "demo" / "outbox").glob("*.eml"))) == 3
    assert "<!-- installed -->" in (home / "demo" / "outbox" / "index.html").read_text("utf-8")
