"""Each shell line of the documentation works, and prints something."""

import shlex
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import pytest

from beantop.beanstalk import StatsTube
from beantop.cli import main
from beantop.commands import VERBS
from beantop.commands.invocation import load, parser_of
from beantop.exit_codes import INTERRUPTED, OK
from tests.beanstalkd import Beanstalkd
from tests.commands.shell_lines import DOCS, Shell, filled, is_endless, producer, shell_lines

SKILL = DOCS / "SKILL.md"

CODES = {"check": {0, 1, 2}}
"""The exit codes of commands that tell more than success by them."""


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Beanstalkd]]:
    """The servers that the documentation speaks of."""
    servers = {"queue-1": Beanstalkd(), "queue-2": Beanstalkd()}
    with filled(servers["queue-1"]):
        yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture
def shell(tmp_path: Path, servers: dict[str, Beanstalkd]) -> Shell:
    return Shell(tmp_path, servers)


def check(shell: Shell, line: str, server: Beanstalkd) -> None:
    """Run a line, and check that it works, and says something, prints something or writes a file."""
    before = set(shell.directory.iterdir())
    with producer(server) if "--follow" in line else nullcontext():
        code, out, err = shell.run(line)
    assert code in expected_codes(line), (line, out, err)
    assert "Traceback" not in err
    new = set(shell.directory.iterdir()) - before - {shell.directory / "printed"}
    has_result = out.strip() or err or any(file.stat().st_size for file in new)
    assert has_result or "age > 1h" in line, f"nothing came of {line}"  # no job here is as old


def expected_codes(line: str) -> set[int]:
    if is_endless(line):
        return {OK, INTERRUPTED}  # as one that ended before ctrl-c came
    return next((CODES[verb] for verb in verbs_of(line) if verb in CODES), {OK})


@pytest.mark.long
@pytest.mark.timeout(180)  # many programs are started, one after the other
def test_each_line_about_scripts_works(shell: Shell, servers: dict[str, Beanstalkd]) -> None:
    lines = shell_lines(DOCS / "scripts.md")
    assert any("jq" in line for line in lines)
    for line in lines:
        check(shell, line, servers["queue-1"])


@pytest.mark.long
@pytest.mark.timeout(180)
def test_each_command_for_agents_works_and_changes_nothing(
    shell: Shell, servers: dict[str, Beanstalkd]
) -> None:
    lines = shell_lines(SKILL)
    assert len(lines) >= 8
    server = servers["queue-1"]
    for line in lines:
        before = jobs_of(server)
        check(shell, line, server)
        assert "--follow" in line or jobs_of(server) == before


def jobs_of(server: Beanstalkd) -> dict[str, dict[str, object]]:
    """The counters of all tubes that tell of jobs."""
    with server.client() as client:
        tubes: dict[str, StatsTube] = {name: client.stats_tube(name) for name in client.tubes()}
    return {
        name: {key: value for key, value in tube.items() if "jobs" in key or key == "cmd-delete"}
        for name, tube in tubes.items()
    }


def test_the_skill_names_only_commands_that_read() -> None:
    verbs = {word for line in shell_lines(SKILL) for word in verbs_of(line)}
    assert verbs == {"server", "tubes", "jobs", "job"}


def verbs_of(line: str) -> list[str]:
    """The commands of beantop in a shell line."""
    words = shlex.split(line, comments=True)
    return [verb for word, verb in pairwise(words) if word == "beantop"]


def test_the_skill_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["skill"]) == OK
    printed = capsys.readouterr().out
    assert printed.startswith("---\nname: beantop\ndescription: ")
    assert printed == SKILL.read_text("utf-8")


@pytest.mark.long
def test_packagers_can_make_the_man_page(tmp_path: Path) -> None:
    [line] = shell_lines(DOCS / "how-it-is-built.md")
    code, _, said = Shell(tmp_path, {}).run(line)
    assert (code, said) == (OK, "")
    page = (tmp_path / "beantop.1").read_text()
    for name, verb in VERBS.items():
        assert f"beantop {name}" in page
        assert verb.help.replace("-", "\\-") in page


@pytest.mark.parametrize("name", VERBS)
def test_each_example_of_the_help_can_be_parsed(name: str) -> None:
    command = load(name)
    examples = [line.strip() for line in command.EXAMPLES.splitlines()]
    assert examples
    for example in examples:
        lexer = shlex.shlex(example, posix=True, punctuation_chars="|><&;")
        lexer.commenters, lexer.whitespace_split = "#", True
        words = list(lexer)
        ends = [at for at, word in enumerate(words) if set(word) <= set("|><&;")]
        own = words[words.index("beantop") : min(ends, default=len(words))]
        assert own[1] == name
        parser_of(name, command).parse_intermixed_args(own[2:])
