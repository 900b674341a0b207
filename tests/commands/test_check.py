"""`beantop check`, read by a parser that was written from the guidelines for monitoring plugins."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.monitor.alerts import AlertRule
from beantop.monitor.comparisons import COMPARISONS
from beantop.monitor.rules import parse_rule
from beantop.monitor.snapshot import Server, Snapshot, Tube
from beantop.report.check import MAX_AGED, MAX_LINE, Observation, Result, State, heads_needed, judge
from beantop.report.check_rules import parse_check
from beantop.report.perfdata import Datum, ranges
from tests.beanstalkd import Beanstalkd
from tests.commands.plugin_output import STATES, Output, Range, read
from tests.monitor.peer import body, peer, server_of

Check = Callable[..., Output]


@pytest.fixture
def check(
    server: Beanstalkd, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Check:
    """Run the command on the server, and return what it printed."""
    monkeypatch.setenv("BEANTOP_CONFIG", "/dev/null")
    return lambda *arguments, host="": checked(
        capsys, *arguments, host or format_address(server.address)
    )


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Output:
    """Run the command; its exit code must be that of the state it prints."""
    try:
        code = main(["check", *arguments])
    except SystemExit as end:
        code = int(str(end.code))
    out, err = capsys.readouterr()
    output = read(out)
    assert (STATES[code], err) == (output.state, "")
    return output


@pytest.fixture
def emails(server: Beanstalkd, tube: str) -> Iterator[str]:
    """A tube with three ready jobs, and a buried one."""
    with server.client(use=tube, watch=tube) as client:
        for number in range(4):
            client.put(f"job {number}")
        client.bury(client.reserve(timeout=0))
    yield tube
    with server.client(use=tube, watch=tube) as client:
        client.kick(9)
        while client.stats_tube(tube)["current-jobs-ready"]:
            client.delete(client.reserve(timeout=0))


# The line:


def test_all_is_well(check: Check, emails: str) -> None:
    output = check(f"{emails}: ready > 10 warn, > 100 crit")
    assert (output.state, output.text) == ("OK", f"{emails}: ready 3")
    datum = output.data[f"{emails}:ready"]
    assert (datum.value, datum.unit, datum.least) == (3, "", "0")
    assert (datum.warning, datum.critical) == (Range(0, 10, False), Range(0, 100, False))


def test_a_warning(check: Check, emails: str) -> None:
    output = check(f"{emails}: ready > 2 warn, > 100 crit")
    assert (output.state, output.text) == ("WARNING", f"{emails}: ready > 2 (ready 3)")


def test_the_worst_counts_and_is_said_once(check: Check, emails: str) -> None:
    output = check(f"{emails}: ready > 1 warn, > 2 crit", f"{emails}: buried > 0 warn")
    assert output.state == "CRITICAL"
    assert output.text == f"{emails}: ready > 2 (ready 3); {emails}: buried > 0 (buried 1)"
    assert output.data.keys() == {f"{emails}:ready", f"{emails}:buried"}


def test_a_rule_without_a_level_is_critical(check: Check, emails: str) -> None:
    assert check(f"{emails}: buried > 0").state == "CRITICAL"


def test_a_rule_about_the_server(check: Check) -> None:
    output = check("workers < 1 warn")
    assert (output.state, output.data["workers"].warning) == ("WARNING", Range.of("1:"))


def test_patterns_and_lists_of_tubes(check: Check, server: Beanstalkd, tube: str) -> None:
    names = [f"{tube}-a", f"{tube}-b", f"{tube}x"]
    clients = [server.client(use=name) for name in names]
    output = check(f"{tube}-*, {tube}x: ready > 5")
    assert output.data.keys() == {f"{name}:ready" for name in names}
    for client in clients:
        client.close()


def test_ages_are_seconds(check: Check, emails: str) -> None:
    output = check(f"{emails}: oldest >= 0s warn, oldest-buried > 1h, oldest-ready > 1h")
    assert output.state == "WARNING"
    ages = [output.data[f"{emails}:{name}"] for name in ("oldest", "oldest-buried", "oldest-ready")]
    assert all(age.value is not None and 0 <= age.value < 60 and age.unit == "s" for age in ages)
    assert ages[1].critical == Range(0, 3600, False)


def test_the_age_of_no_job_is_no_number_and_no_trouble(check: Check, server: Beanstalkd) -> None:
    with server.client(use="idle"):
        output = check("idle: oldest > 10m warn, > 1h")
    assert (output.state, output.data["idle:oldest"].value) == ("OK", None)


def test_looking_at_ages_makes_no_tube(check: Check, server: Beanstalkd, emails: str) -> None:
    check(f"{emails} no-such: oldest > 1h")
    with server.client() as client:
        assert "no-such" not in client.tubes()


def test_rates_take_two_polls(check: Check, emails: str) -> None:
    output = check(f"{emails}: in > 5 or net < -100", f"{emails}: drain > 1m", "--over", "0.1")
    assert output.state == "CRITICAL"  # what never drains takes longer than a minute
    assert output.data[f"{emails}:in"].value == 0
    assert output.data[f"{emails}:net"].least == ""
    assert output.data[f"{emails}:drain"].value is None
    share = check("cpu > 90%", "--over", "0.1").data["cpu"]
    assert (share.unit, share.critical) == ("%", Range(0, 90, False))


# Tubes that do not exist:


def test_an_absent_tube_is_an_empty_one(check: Check) -> None:
    output = check("no-such: ready > 10 or oldest > 1h")
    assert (output.state, output.data["no-such:ready"].value) == ("OK", 0)
    assert check("no-such: watching = 0").state == "CRITICAL"
    assert check("no-*: ready > 10").text == "no tube matches no-*"


def test_a_name_that_no_tube_has_is_said_to_be_one(check: Check, emails: str) -> None:
    output = check(f"no-such {emails}: ready > 10")
    assert output.text == f"{emails}: ready 3; no-such (no such tube): ready 0"
    output = check("no-such: watching = 0")
    assert output.text == "no-such (no such tube): watching = 0 (watching 0)"
    output = check(f"{emails}: ready > 1", "no-such: ready > 1")
    assert output.text == f"{emails}: ready > 1 (ready 3); no-such (no such tube)"


@pytest.mark.parametrize("state", ["warning", "critical", "unknown"])
def test_an_absent_tube_may_be_a_result(check: Check, state: str) -> None:
    output = check("no-such: ready > 10", "--absent", state)
    assert (output.state, output.text) == (state.upper(), "there is no tube no-such")
    assert check("no-*: ready > 10", "--absent", state).state == state.upper()


# What is unknown:


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "there are no rules"),
        (["emails: wait-p95 > 30s"], "wait-p95 cannot be known in one run"),
        (["binlog-age > 1d"], "binlog-age cannot be known in one run"),
        (["emails: burried > 0"], "did you mean buried?"),
        (["emails: ready > 1 maybe"], "'and' or 'or' is missing"),
        (["emails ready > 10"], "a colon follows the tubes: 'emails: ready > 10'"),
        (["emails: > 1"], "a comparison begins with a field"),
        (["e€: ready > 1"], "which no tube matches"),
        (["ready > 1", "--timeout", "0"], "from 0.1 s to 1h 0m"),
        (["in > 1", "--timeout", "1", "--over", "2"], "--over must be shorter"),
        (["ready > 1", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["ready > 1", "queue-9"], "name one"),
    ],
)
def test_wrong_usage_is_unknown(check: Check, arguments: list[str], why: str) -> None:
    output = check(*arguments)
    assert (output.state, why in output.text) == ("UNKNOWN", True), output.text


def test_a_dead_server_is_unknown_unless_told_otherwise(check: Check) -> None:
    output = check("ready > 1", host="127.0.0.1:1")
    assert (output.state, output.text) == (
        "UNKNOWN",
        "cannot poll 127.0.0.1:1: connection refused",
    )
    assert check("ready > 1", "--down", "critical", host="127.0.0.1:1").state == "CRITICAL"


def test_a_server_that_is_silent_takes_no_longer_than_the_timeout(check: Check) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        host = format_address(silent.getsockname())
        output = check("ready > 1", "--timeout", "0.3", host=host)
        assert time.monotonic() - began >= 0.3
        assert (output.state, "did not answer within" in output.text) == ("UNKNOWN", True)


def test_a_server_that_drips_takes_no_longer_either(check: Check) -> None:
    """Each answer comes in time, but all of them together do not."""

    def slow(line: str) -> bytes:
        time.sleep(0.15)
        if line.startswith("list-tubes"):
            return body("---\n- a\n")
        return body("---\nuptime: 9\ncurrent-jobs-ready: 3\n")

    with peer(slow) as server:
        output = check("a: ready > 1", "--timeout", "0.2", host=format_address(server.address))
        assert (output.state, "did not answer within" in output.text) == ("UNKNOWN", True)


def test_a_value_that_the_server_does_not_report_is_unknown(check: Check) -> None:
    with peer(lambda line: body("---\n- a\n" if "list" in line else "---\nuptime: 9\n")) as server:
        output = check("a: ready > 1", host=format_address(server.address))
        assert (output.state, output.text) == ("UNKNOWN", "a: ready unknown")
        assert output.data["a:ready"].value is None


@pytest.mark.parametrize("ready", ["-4", "1" + "0" * 40, "x"])
@pytest.mark.parametrize("field", ["oldest", "oldest-ready"])
def test_the_age_of_jobs_whose_number_is_unknown_is_unknown(
    check: Check, ready: str, field: str
) -> None:
    tube = f"---\ncurrent-jobs-ready: {ready}\ncurrent-jobs-buried: 0\n"
    with peer(server_of({"a": tube})) as server:
        output = check(f"a: {field} > 1s", host=format_address(server.address))
    assert (output.state, output.text) == ("UNKNOWN", f"a: {field} unknown")


def test_known_numbers_say_that_there_is_no_job(check: Check) -> None:
    tube = "---\ncurrent-jobs-ready: 0\ncurrent-jobs-buried: -4\n"
    with peer(server_of({"a": tube})) as server:
        output = check("a: oldest-ready > 1s", host=format_address(server.address))
    assert output.state == "OK"


NO_LISTS = ["[a]", "---\na\n", "---\n", ""]


@pytest.mark.parametrize("said", NO_LISTS)
def test_where_the_tubes_cannot_be_listed_none_is_said_to_be_empty(check: Check, said: str) -> None:
    with peer(lambda line: body(said if "list" in line else "---\nuptime: 9\n")) as server:
        output = check("a: ready > 1", host=format_address(server.address))
    assert output.state == "UNKNOWN"
    assert "it answers, but not like beanstalkd: the server answered with" in output.text


def test_a_reply_too_many_is_unknown(check: Check) -> None:
    def answer(line: str) -> bytes:
        if line == "stats":  # so that all other replies are one behind
            return body("---\nuptime: 9\n") + body("---\n- default\n")
        return body("---\n- a\n" if "list" in line else "---\ncurrent-jobs-ready: 0\n")

    with peer(answer) as server:
        output = check("a: ready > 1", host=format_address(server.address))
    assert output.state == "UNKNOWN"
    assert "a reply that nobody had asked for" in output.text


def test_what_it_reads_cannot_break_the_line() -> None:
    printed = Result(State.OK, "a|b\nc\x1b[2J").line
    assert read(f"{printed}\n").text == "a¦b␊c␛[2J"


def test_values_that_a_monitoring_system_would_cut_are_left_out() -> None:
    data = [Datum(f"{number:0200}:ready", "ready", 1) for number in range(99)]
    line = Result(State.OK, "fine", data).line
    assert len(line) <= MAX_LINE
    assert 30 < len(read(f"{line}\n").data) < 99


def test_ages_in_too_many_tubes_are_refused() -> None:
    tubes = {name: Tube(name, 1.0, ready=1) for name in map(str, range(MAX_AGED + 1))}
    rule = AlertRule(parse_rule("oldest > 1h"), "*")
    with pytest.raises(ValueError, match="more than 500 tubes"):
        heads_needed([rule], Snapshot(1.0, 0.0, Server(), tubes))


def test_tubes_that_were_not_read_are_no_success() -> None:
    seen = Observation(Snapshot(1.0, 0.0, Server(), {}, left_out=7))
    assert judge(parse_check("*: ready > 1"), seen).state is State.UNKNOWN
    assert judge(parse_check("connections > 1"), seen).sentence == "connections unknown"


def test_a_tube_that_was_not_read_is_not_said_to_be_missing_or_empty() -> None:
    seen = Observation(Snapshot(1.0, 0.0, Server(), {}, left_out=7))
    for absent in State:
        result = judge(parse_check("a: watching = 0"), seen, absent)
        assert result.state is State.UNKNOWN
        assert result.sentence == "a: watching unknown; only the first 0 tubes of 7 were read"


# Ranges:


@pytest.mark.parametrize(
    ("text", "alerting", "silent"),
    [
        ("10", [-0.1, 10.1, 11], [0, 10]),
        ("10:", [9.9, -1], [10, 1e9]),
        ("~:10", [10.1], [-1e9, 10]),
        ("10:20", [9, 21], [10, 20]),
        ("@10:20", [10, 15, 20], [9, 21]),
    ],
)
def test_the_parser_reads_the_cases_of_the_guidelines(
    text: str, alerting: list[float], silent: list[float]
) -> None:
    assert all(Range.of(text).alerts(value) for value in alerting)
    assert not any(Range.of(text).alerts(value) for value in silent)


@given(
    st.sampled_from(sorted(COMPARISONS)),
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from(["ready", "net"]),
)
def test_a_range_alerts_exactly_when_the_rule_holds(
    comparison: str, limit: int, value: int, field: str
) -> None:
    rule = parse_rule(f"{field} {comparison} {limit}")
    found = Range.of(ranges(rule.condition)[field])
    for number in (value, -value if field == "net" else value):
        assert found.alerts(number) == rule.holds({field: number}.get)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_so_does_a_range_with_two_ends(start: int, end: int, value: int, outside: bool) -> None:
    text = (
        f"ready < {start} or ready > {end}" if outside else f"ready >= {start} and ready <= {end}"
    )
    rule = parse_rule(text)
    found = ranges(rule.condition).get("ready")
    assert (found is None) == (start > end)
    if found:
        assert Range.of(found).alerts(value) == rule.holds({"ready": value}.get)


@pytest.mark.parametrize(
    "rule", ["ready > 1 and watching = 0", "ready > watching", "(ready > 1 or in > 2) and out < 1"]
)
def test_where_no_range_says_the_same_there_is_none(rule: str) -> None:
    assert ranges(parse_rule(rule).condition) == {}


# The configuration, and the process:


def test_without_a_rule_those_of_the_configuration_count(
    server: Beanstalkd,
    emails: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "config.toml"
    where = format_address(server.address)
    rules = f"""
        [[server]]
        name = "queue"
        address = "{where}"
        [[alert]]
        tubes = "{emails}"
        when = "ready > 2"
        for = "1h"
        level = "warning"
        """
    file.write_text(rules)
    assert checked(capsys, "--config", str(file), "queue").state == "WARNING"
    file.write_text(rules.replace('level = "warning"', ""))
    assert checked(capsys, "--config", str(file)).state == "CRITICAL"
    file.write_text("[[alert]]\nwhen = 'ready >'\n")
    assert "a number such as" in checked(capsys, "--config", str(file), "queue").text


@pytest.mark.long
def test_as_a_process_it_prints_to_standard_output_alone(server: Beanstalkd) -> None:
    command = [sys.executable, "-m", "beantop", "check", "connections > 99", "tubes < 1"]
    done = subprocess.run(
        [*command, format_address(server.address)],
        capture_output=True,
        text=True,
        check=False,
        env={"BEANTOP_CONFIG": "/dev/null", "PATH": "/usr/bin"},
    )
    assert (done.returncode, read(done.stdout).state, done.stderr) == (0, "OK", "")


@pytest.mark.long
def test_a_line_that_cannot_be_printed_is_unknown(server: Beanstalkd) -> None:
    command = [
        sys.executable,
        "-m",
        "beantop",
        "check",
        "ready > 1",
        format_address(server.address),
    ]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=full, check=False)
    assert done.returncode == 3
