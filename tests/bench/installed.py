"""The program as pip installs it: with its byte code, whatever this environment does with that."""

import compileall
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import beantop
from tests.bench import bare_app


def installed(stack: ExitStack) -> Path:
    """A folder in which Python finds `beantop` and `bare_app`, until the stack is left."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    shutil.copytree(Path(beantop.__file__).parent, folder / "beantop")
    shutil.copy(bare_app.__file__, folder)
    assert compileall.compile_dir(folder, quiet=1)
    return folder
