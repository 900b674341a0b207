"""`beantop completion`: a real shell completes commands, options and their values."""

import subprocess
from pathlib import Path

import pytest

from beantop.cli import main
from beantop.commands import VERBS
from beantop.exit_codes import OK, USAGE

ASK_BASH = """\
source "$0"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_shtab_beantop
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def bash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The file that bash reads."""
    assert main(["completion", "bash"]) == OK
    file = tmp_path / "beantop.bash"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["jo"], {"jobs", "job"}),
        (["jobs", "emails", "--st"], {"--state"}),
        (["jobs", "emails", "--state", ""], {"ready", "reserved", "delayed", "buried"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["--dem"], {"--demo"}),
    ],
)
def test_bash_completes(bash: Path, typed: list[str], offered: set[str]) -> None:
    asked = ["bash", "--norc", "-c", ASK_BASH, str(bash), "beantop", *typed]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (set(done.stdout.split()), done.stderr) == (offered, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_learns_all_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == OK
    printed = capsys.readouterr().out
    for name in VERBS:
        assert name in printed
    assert "follow" in printed


def test_other_shells_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["completion", "tcsh"])
    assert end.value.code == USAGE
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err


def test_a_broken_configuration_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "beantop").mkdir()
    (tmp_path / "beantop" / "config.toml").write_text("nonsense")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["completion", "fish"]) == OK
