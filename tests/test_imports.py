"""What importing a part of beantop loads and does, each in a Python of its own."""

import subprocess
import sys

import pytest

LOADED = """
import sys
before = set(sys.modules)
import {module}
print(*sorted(set(sys.modules) - before))
"""

LATER = (
    "all_jobs",
    "all_tubes",
    "follow",
    "group",
    "groups",
    "job",
    "profile",
    "server_details",
    "tube",
)
"""Screens that are not the first one."""

DEEDS = """
import importlib, os, pkgutil, sys

done = []

def note(event, arguments):
    writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event.split(".")[0] in ("socket", "subprocess", "shutil"):
        done.append((event, *map(repr, arguments)))
    if event in ("os.mkdir", "os.remove", "os.rename", "os.system", "os.fork"):
        done.append((event, *map(repr, arguments)))

sys.addaudithook(note)
import beantop

for module in pkgutil.walk_packages(beantop.__path__, "beantop."):
    importlib.import_module(module.name)
    print(module.name)
print(*done, file=sys.stderr, end="")
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", script], capture_output=True, text=True, check=False
    )


def loaded_by(module: str) -> list[str]:
    """The modules that are loaded with it."""
    done = run(LOADED.format(module=module))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_the_client_is_a_library_of_its_own() -> None:
    loaded = loaded_by("beantop.beanstalk")
    ours = [name for name in loaded if name.split(".")[0] == "beantop"]
    others = {name.split(".")[0] for name in loaded} - {"beantop"}
    assert "beantop.beanstalk.client" in ours
    assert all(name.startswith("beantop.beanstalk") for name in ours if name != "beantop")
    assert others <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "module",
    [
        "beantop",
        "beantop.__main__",
        "beantop.cli",
        "beantop.dashboard",
        "beantop.formatting",
        "beantop.app.session.unattended",
        "beantop.commands.alert",
        "beantop.commands.check",
        "beantop.commands.tubes",
        "beantop.commands.export",
        "beantop.report.import_file",
        "beantop.commands.metrics",
        "beantop.commands.followed",
        "beantop.commands.job",
        "beantop.jobs.bulk.tubes",
        "beantop.jobs.bodies.views",
        "beantop.jobs.bulk.runner",
        "beantop.jobs.trash.store",
        "beantop.monitor.poller",
        "beantop.monitor.conditions",
    ],
)
def test_what_needs_no_screen_loads_nothing_but_the_standard_library(module: str) -> None:
    loaded = loaded_by(module)
    assert module in loaded
    assert {name.split(".")[0] for name in loaded} - {"beantop"} <= sys.stdlib_module_names


def test_the_version_is_told_before_anything_large_is_loaded() -> None:
    large = {"asyncio", "json", "beantop.beanstalk", "beantop.config", "beantop.dashboard"}
    assert not large & set(loaded_by("beantop.cli"))
    assert large <= set(loaded_by("beantop.dashboard"))


@pytest.mark.long
def test_the_first_screen_begins_without_what_it_does_not_need() -> None:
    loaded = loaded_by("beantop.app.run")
    assert {"beantop.app.view.words", "beantop.app.screens.tubes"} <= set(loaded)
    later = {"beantop.app.actions.jobs", "beantop.jobs.bulk.runner", "beantop.app.dialogs.ask"}
    later |= {"regex", "beantop.jobs.bodies.views", "beantop.jobs.groups", "beantop.jobs.looks"}
    later |= {f"beantop.app.{name}" for name in ("outside", "palette", "questions")}
    later |= {"beantop.app.dialogs.dialog", "beantop.app.session.problems"}
    later |= {f"beantop.monitor.{name}" for name in ("alerts", "rules", "comparisons", "fleet")}
    later |= {f"beantop.jobs.{name}" for name in ("listing", "scan", "job_cursor", "upkeep")}
    assert not (later | {f"beantop.app.screens.{name}" for name in LATER}) & set(loaded)


@pytest.mark.long
def test_importing_any_module_does_nothing_else() -> None:
    done = run(DEEDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"beantop.__main__", "beantop.app.app", "beantop.cli"} <= set(done.stdout.split())


EVERY_KEY = """
import importlib, pkgutil
import beantop.app
from beantop.app import keys, run
from beantop.app.session.options import Options
from beantop.config import parse_settings

owners = (run.BeantopApp, run.ServerScreen, run.TablePane, run.Styled)
try:
    run.start_app([], Options(parse_settings('[keys]\\nnothing = "f12"', "c.toml")))
except ValueError:
    known = {binding.id for binding in keys._bindings(owners)}
for module in pkgutil.walk_packages(beantop.app.__path__, "beantop.app."):
    importlib.import_module(module.name)
print(*sorted({binding.id for binding in keys._bindings(owners)} - known))
"""


@pytest.mark.long
def test_the_keys_of_screens_that_are_imported_later_can_be_configured() -> None:
    done = run(EVERY_KEY)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [], "")
