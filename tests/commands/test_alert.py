"""`beantop alert`: each alert is reported once when it fires, and once when it ends."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from beantop.app.session.server_session import ServerSession
from beantop.app.session.unattended import Unattended
from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.config import NotifyConfig, ServerConfig, parse_settings
from beantop.monitor import alerts
from beantop.monitor.alerts import AlertRule
from beantop.monitor.poller import Poller
from beantop.monitor.rules import parse_rule
from beantop.report.courier import Courier
from beantop.report.outbox import MAX_PENDING, Outbox
from beantop.report.receivers import CommandReceiver, DeliveryError, WebhookReceiver, receiver_of
from tests.beanstalkd import Beanstalkd, wait_until
from tests.commands.scripted_watch import RECEIVER, Watch
from tests.commands.webhook import Webhook, webhook

READY = AlertRule(parse_rule("ready > 0"), "em*")

FLAPS = 100

QUIET = 11
"""Polls after which an alert that does not hold has ended."""


def pending(watch: Watch) -> list[dict[str, Any]]:
    """The facts that wait for the receiver, as they are on the disk."""
    state = json.loads((watch.directory / "state.json").read_bytes())
    return [fact for _, fact in state["pending"].get(RECEIVER, [])]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path, [READY])


# What fires and ends:


def test_a_fact_says_all_that_is_known(watch: Watch) -> None:
    watch.poll(7)
    [fact] = pending(watch)
    assert {key: fact[key] for key in fact.keys() - {"id", "at", "since"}} == {
        "event": "fired",
        "server": "queue",
        "address": "queue-1:11300",
        "tube": "emails",
        "rule": "ready > 0",
        "level": "critical",
        "values": {"ready": 7},
        "seconds": None,
        "sentence": "ALERT emails on queue: ready > 0 (ready 7)",
    }
    for _ in range(QUIET):
        watch.poll(0)
    _, ended = pending(watch)
    assert (ended["event"], ended["id"], ended["since"]) == ("ended", fact["id"], fact["since"])
    assert ended["seconds"] == QUIET - 1
    assert ended["sentence"] == "Resolved after 10s: emails on queue: ready > 0"


@pytest.mark.long
def test_a_hundred_flaps_fire_and_end_once_each_through_all_restarts(watch: Watch) -> None:
    chance = random.Random(5)
    for _ in range(FLAPS):
        for ready in (*[3] * chance.randint(1, 4), *[0] * (QUIET + 3)):
            if chance.random() < 0.05:
                watch.stop()
                watch.start()
            if chance.random() < 0.05:
                watch.miss(chance.choice([0.5, 20.0]))
                watch.restart_server()
            watch.poll(ready)
        for _ in range(2 * QUIET):  # time without polls does not count
            watch.poll(0)
    assert len(watch.fired) == len(set(watch.fired)) == FLAPS
    assert watch.ended == watch.fired
    assert [fact["event"] for fact in pending(watch)] == ["fired", "ended"] * FLAPS


def test_an_alert_that_goes_on_is_not_reported_again_after_a_restart(watch: Watch) -> None:
    watch.poll(1)
    for _ in range(5):
        watch.stop()
        watch.at += 3600.0
        watch.start()
        watch.poll(1)
    assert (len(watch.fired), watch.ended) == (1, [])


def test_what_ended_while_it_did_not_run_is_reported_later(watch: Watch) -> None:
    watch.poll(1)
    watch.stop()
    watch.at += 3600.0
    watch.start()
    for _ in range(QUIET + 1):
        watch.poll(0)
    assert watch.ended == watch.fired
    assert pending(watch)[1]["seconds"] > 3600


def test_a_rule_that_was_removed_ends_its_alerts(watch: Watch) -> None:
    watch.poll(1)
    watch.stop()
    watch.rules = [AlertRule(parse_rule("ready > 100"), "em*")]
    watch.start()
    watch.poll(1)
    watch.poll(1)
    assert watch.ended == watch.fired
    assert len(watch.ended) == 1


def test_a_rule_that_is_written_twice_is_one(tmp_path: Path) -> None:
    watch = Watch(tmp_path, [READY, READY])
    watch.poll(1)
    watch.stop()
    watch.start()
    flap(watch, 1)
    assert watch.ended == watch.fired
    assert len(watch.fired) == 1


def test_alerts_of_servers_that_are_not_watched_now_are_kept(watch: Watch) -> None:
    fact = {"event": "fired", "id": "x", "server": "elsewhere", "tube": None, "rule": "rule"}
    more = {"since": "2026-11-30T04:22:38+00:00", "values": {}}
    watch.outbox.note({'["elsewhere", "rule", null]': {**fact, **more}}, {})
    watch.stop()
    watch.start()
    watch.poll(0)
    assert '["elsewhere", "rule", null]' in watch.outbox.firing


def test_a_server_that_is_lost_for_long_is_an_alert(watch: Watch) -> None:
    watch.poll(0)
    watch.miss(30)
    assert not watch.fired
    watch.miss(40)
    watch.miss(40)
    [fact] = pending(watch)
    assert (fact["rule"], fact["tube"], fact["level"]) == ("no connection", None, "critical")
    assert "ALERT queue: no connection for 1m10s: connection refused" in watch.said
    watch.stop()
    watch.start()
    watch.miss(100)
    watch.poll(0)
    assert watch.ended == watch.fired
    assert len(watch.fired) == 1


def test_a_heartbeat_says_what_it_sees(watch: Watch) -> None:
    watch.poll(1)
    beat = watch.watching.heartbeat()
    assert (beat["event"], beat["firing"], beat["pending"]) == ("heartbeat", 1, 1)
    assert beat["sentence"] == "beantop is watching: 1 of 1 server connected, 1 alert"
    watch.miss(5)
    [server] = json.loads(json.dumps(watch.watching.heartbeat()["servers"]))
    assert (server["server"], server["connected"], server["firing"]) == ("queue", False, 1)


# How it is delivered:


def couriers(watch: Watch, *receivers: WebhookReceiver | CommandReceiver) -> None:
    """Deliver what waits, with short waits between attempts."""
    for receiver in receivers:
        outbox, said = watch.outbox, watch.said.append
        Courier(receiver, outbox, said, first_wait=0.001, wall=watch.wall).start()


def flap(watch: Watch, times: int) -> None:
    for _ in range(times):
        for ready in (1, *[0] * QUIET):
            watch.poll(ready)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as found:
        yield found


@pytest.mark.long
@pytest.mark.parametrize("answer", [503, 404, 302])
def test_a_webhook_that_is_dead_for_a_while_gets_all_of_it_once(
    tmp_path: Path, hook: Webhook, answer: int
) -> None:
    receiver = WebhookReceiver(hook.url)
    watch = Watch(tmp_path, [READY], [receiver.key])
    couriers(watch, receiver)
    flap(watch, 2)
    hook.answer = answer
    flap(watch, 2)
    wait_until(lambda: hook.refused > 2, "it is tried again")
    watch.stop()
    watch.start()  # what waits survives
    couriers(watch, receiver)
    hook.answer = 200
    flap(watch, 2)
    wait_until(lambda: not watch.outbox.pending, "all is delivered")
    assert [fact["event"] for fact in hook.facts] == ["fired", "ended"] * 6
    assert [fact["id"] for fact in hook.facts[::2]] == watch.fired
    assert hook.keys[:2] == [f"{watch.fired[0]}-fired", f"{watch.fired[0]}-ended"]
    trouble = [said for said in watch.said if said.startswith("cannot report")]
    reason = f"cannot report to the webhook at 127.0.0.1: it answered {answer}; it is tried again"
    assert set(trouble) == {reason}
    watch.stop()


def test_a_webhook_that_does_not_even_listen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DeliveryError, match="connection refused"):
        WebhookReceiver(f"http://127.0.0.1:{port}/").send({"event": "fired"})


def test_a_command_gets_the_fact_in_its_environment_and_on_its_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = f'cat > {out}; echo "$BEANTOP_EVENT/$BEANTOP_TUBE/$BEANTOP_VALUES" >> {out}'
    fact = {"event": "fired", "tube": None, "values": {"ready": 1}}
    CommandReceiver(command).send(fact)
    [first, second] = out.read_text().splitlines()
    assert json.loads(first) == fact
    assert second == 'fired//{"ready": 1}'


@pytest.mark.parametrize(
    ("command", "why"),
    [("exit 3", "it ended with 3"), ("sleep 60 & wait", "it did not end within 0.05 s")],
)
def test_a_command_that_fails_is_told(command: str, why: str) -> None:
    with pytest.raises(DeliveryError, match=why):
        CommandReceiver(command, 0.05 if "within" in why else 60.0).send({"event": "fired"})


def test_a_command_that_reads_nothing_is_no_trouble() -> None:
    CommandReceiver("true").send({"event": "fired", "filler": "x" * 1_000_000})


def test_a_command_that_failed_is_run_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = f'echo "$BEANTOP_EVENT" >> {out}; test -f {tmp_path}/works'
    receiver = CommandReceiver(command)
    watch = Watch(tmp_path / "state", [READY], [receiver.key])
    couriers(watch, receiver)
    watch.poll(1)
    wait_until(lambda: out.exists() and out.read_text().count("fired") > 1, "it is run again")
    (tmp_path / "works").touch()
    wait_until(lambda: not watch.outbox.pending, "it is delivered")
    watch.stop()


def test_what_is_under_way_at_the_end_is_waited_for(tmp_path: Path) -> None:
    out = tmp_path / "out"
    receiver = CommandReceiver(f"echo begun >> {out}; sleep 0.2; echo done >> {out}")
    watch = Watch(tmp_path / "state", [READY], [receiver.key])
    couriers(watch, receiver)
    watch.poll(1)
    wait_until(out.exists, "it has begun")
    watch.stop()
    assert out.read_text() == "begun\ndone\n"
    watch.start()
    assert watch.outbox.pending == 0
    watch.stop()


@pytest.mark.long
def test_what_waits_too_long_is_given_up(tmp_path: Path) -> None:
    receiver = CommandReceiver("false")
    watch = Watch(tmp_path, [READY], [receiver.key])
    watch.poll(1)
    later = watch.wall() + 90_000
    Courier(receiver, watch.outbox, watch.said.append, first_wait=0.001, wall=lambda: later).start()
    wait_until(lambda: not watch.outbox.pending, "it is given up")
    assert any(said.startswith("gave up after 1d 0h") for said in watch.said)
    watch.stop()


def test_the_queue_is_bounded(watch: Watch) -> None:
    watch.outbox.note({str(number): {"id": number} for number in range(MAX_PENDING + 5)}, {})
    assert watch.outbox.pending == MAX_PENDING
    assert watch.outbox.next(RECEIVER).fact == {"id": 5}
    assert watch.said == ["more than 1,000 alerts wait for the receiver: 5 dropped"]


def test_a_heartbeat_is_not_tried_again_and_comes_after_alerts(
    tmp_path: Path, hook: Webhook
) -> None:
    receiver = WebhookReceiver(hook.url)
    watch = Watch(tmp_path, [READY], [receiver.key])
    watch.outbox.note_heartbeat(receiver.key, watch.watching.heartbeat())
    watch.outbox.note_heartbeat(receiver.key, {"event": "heartbeat", "id": "newest"})
    watch.poll(1)
    couriers(watch, receiver)
    wait_until(lambda: len(hook.facts) == 2, "both come")
    assert [fact["event"] for fact in hook.facts] == ["fired", "heartbeat"]
    assert hook.facts[1]["id"] == "newest"
    watch.stop()


def test_a_file_is_touched_by_heartbeats_alone(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    receiver = receiver_of(NotifyConfig(touch=str(file), heartbeat=1.0))
    receiver.send({"event": "fired"})
    assert not file.exists()
    receiver.send({"event": "heartbeat"})
    os.utime(file, (1, 1))
    receiver.send({"event": "heartbeat"})
    assert file.stat().st_mtime > 1


# What is on the disk:


def test_a_second_program_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch(tmp_path, [READY])
    assert main(["alert", "--config", "/dev/null", "--state", str(tmp_path)]) == 2
    assert "another beantop alert uses it" in capsys.readouterr().err
    watch.stop()


DAMAGED = [
    '{"firing": {"a',
    "[]",
    "{}",
    '{"version": 99, "firing": [1, 2, {"a": null}], "queue": 7}',
    '{"firing": {}}',
    '{"firing": {}, "pending": []}',
    '{"firing": {}, "pending": {"url http://receiver/": [["soon", {}]]}}',
    '{"firing": {}, "pending": {"url http://receiver/": 7}}',
    '{"firing": {"a": {}}, "pending": {}}',
    '{"firing": {"[1, [], null]": {"since": "2020-01-01"}}, "pending": {}}',
    '{"firing": {"[\\"a\\", \\"b\\", null]": {"since": 7}}, "pending": {}}',
]


@pytest.mark.parametrize("said", DAMAGED)
def test_a_damaged_file_is_reported_and_begun_again(tmp_path: Path, said: str) -> None:
    (tmp_path / "state.json").write_text(said)
    watch = Watch(tmp_path, [READY])
    assert "is damaged" in watch.said[0]
    watch.poll(1)
    assert len(pending(watch)) == 1


def test_a_file_that_is_whole_is_not_said_to_be_damaged(watch: Watch) -> None:
    watch.poll(1)
    watch.stop()
    watch.said.clear()
    watch.start()
    assert not [said for said in watch.said if "is damaged" in said]
    assert len(pending(watch)) == 1


def test_a_disk_that_is_full_loses_no_alert(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("beantop.report.outbox.replace_file", full)
    flap(watch, 2)
    assert watch.outbox.pending == 4
    assert sum("no space left" in said for said in watch.said) == 1


# The configuration:


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[notify]]\n", "line 1: it needs exactly one of command, url and touch"),
        ('[[notify]]\ncommand = "a"\nurl = "http://b"', "line 1: it needs exactly one of"),
        ('[[notify]]\nurl = "b"', 'line 2: url must be an address such as "https://host/path"'),
        ('[[notify]]\nurl = "http://[x"', "line 2: url must be an address such as"),
        ('[[notify]]\ntouch = "a"', "line 2: touch needs heartbeat ="),
        ('[[notify]]\ncommand = "a"\nheartbeat = "0s"', "line 3: heartbeat must be from 1 second"),
        ('[[notify]]\ncomand = "a"', "unknown key comand, did you mean command?"),
        ('[[alert]]\nwhen = "ready > 1"\nlevel = "high"', 'must be "warning" or "critical"'),
    ],
)
def test_a_mistake_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"c\.toml") as told:
        parse_settings(text, "c.toml")
    assert sentence in str(told.value)


# With real servers:


def on_server(
    server: Beanstalkd,
    rule: AlertRule,
    directory: Path,
    hook: Webhook,
    story: Callable[[ServerSession], None],
) -> None:
    """Watch a real server by this rule while the story happens, in a thread of its own."""
    receiver = WebhookReceiver(hook.url)
    outbox = Outbox(directory, {receiver.key: receiver.name}, print)
    Courier(receiver, outbox, print).start()
    poller = Poller(server.address, 0.05)
    session = ServerSession(poller, 1, time.monotonic, ServerConfig(server.address))

    async def run() -> None:
        watching = Unattended([session], [rule], outbox, lambda *_: None).run()
        task = asyncio.create_task(watching)
        await asyncio.to_thread(story, session)
        task.cancel()

    asyncio.run(run())
    outbox.close(5.0)
    session.connection.close()
    if session.has_profiler:
        session.profiler.connection.close()


@pytest.mark.long
def test_a_real_server_that_flaps_and_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: Webhook
) -> None:
    monkeypatch.setattr(alerts, "MIN_QUIET", 0.05)
    (tmp_path / "binlog").mkdir()
    server = Beanstalkd("-b", str(tmp_path / "binlog"))

    def story(session: ServerSession) -> None:
        for flaps in range(3):
            with server.client(use="emails", watch="emails") as client:
                client.put("hello")
            wait_until(lambda: len(hook.facts) % 2, "it fires", 20)
            server.stop()
            server.start()
            enough = session.latest.polls + 5
            wait_until(partial(is_polled, session, enough), "the server is back", 20)
            assert len(hook.facts) == 2 * flaps + 1
            with server.client(use="emails", watch="emails") as client:
                client.delete(client.reserve(timeout=0))
            wait_until(lambda: len(hook.facts) % 2 == 0, "it ends", 20)

    on_server(server, READY, tmp_path / "state", hook, story)
    server.stop()
    assert [fact["event"] for fact in hook.facts] == ["fired", "ended"] * 3
    assert len({fact["id"] for fact in hook.facts}) == 3


def is_polled(session: ServerSession, times: int) -> bool:
    return session.latest.polls > times


@pytest.mark.long
def test_rules_about_how_long_jobs_take_are_measured(
    own_server: Beanstalkd, tmp_path: Path, hook: Webhook
) -> None:
    def story(session: ServerSession) -> None:
        with own_server.client(use="slow") as producer:

            def has_fired() -> bool:
                time.sleep(0.05)
                producer.put("waits")
                return bool(hook.facts)

            wait_until(has_fired, "it fires", 40)

    rule = AlertRule(parse_rule("wait-p95 > 1s"), "slow")
    on_server(own_server, rule, tmp_path, hook, story)
    assert "ALERT slow on" in hook.facts[0]["sentence"]
    assert hook.facts[0]["values"]["wait-p95"] > 1


@pytest.mark.long
def test_as_a_process_through_its_own_restarts(own_server: Beanstalkd, tmp_path: Path) -> None:
    out = tmp_path / "facts"
    config = tmp_path / "config.toml"
    config.write_text(f"""
        interval = 0.5
        [[alert]]
        tubes = "em*"
        when = "oldest-ready >= 0s"
        [[notify]]
        command = "cat >> {out}"
        heartbeat = "1s"
        """)
    with own_server.client(use="emails") as client:
        client.put("hello")
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        with _alert(own_server, config, tmp_path) as process:
            _wait_for_beat(out)
            process.send_signal(number)
            _, err = process.communicate(timeout=30)
        assert process.returncode == {signal.SIGKILL: -9}.get(number, 128 + number)
        assert "Traceback" not in err
    events = [fact["event"] for fact in _facts(out)]
    assert (events.count("fired"), events.count("ended")) == (1, 0)
    assert err.startswith("beantop: watching 127.0.0.1:")
    lines = (tmp_path / "log").read_text().splitlines()
    assert sum("ALERT emails on" in line for line in lines) == 1


def _facts(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out.read_bytes() if out.exists() else b"").splitlines()]


def _wait_for_beat(out: Path) -> None:
    """Wait for a new heartbeat, with a server that is connected and an alert that fires."""
    known = len(_facts(out))

    def has_come() -> bool:
        beats = [fact for fact in _facts(out)[known:] if fact["event"] == "heartbeat"]
        return any(beat["firing"] and beat["servers"][0]["connected"] for beat in beats)

    wait_until(has_come, "a heartbeat that knows of the alert", 30)


@pytest.mark.long
def test_what_a_kill_interrupted_is_delivered_again_with_the_same_id(
    server: Beanstalkd, tmp_path: Path
) -> None:
    out, config = tmp_path / "facts", tmp_path / "config.toml"
    config.write_text(f"""
        [[alert]]
        when = "connections >= 0"
        [[notify]]
        command = "cat >> {out}; test -f {tmp_path}/works || sleep 5"
        """)
    with _alert(server, config, tmp_path) as process:
        wait_until(lambda: _facts(out), "the command runs", 30)
        process.kill()
    (tmp_path / "works").touch()
    with _alert(server, config, tmp_path):
        wait_until(lambda: len(_facts(out)) == 2, "it runs again", 30)
        wait_until(lambda: b'"pending": {}' in _state(tmp_path), "it is noted", 30)
    first, second = _facts(out)
    assert first == second


def _state(home: Path) -> bytes:
    return (home / "state" / "state.json").read_bytes()


@contextmanager
def _alert(
    server: Beanstalkd, config: Path, home: Path, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "beantop", "alert", "--config", str(config)]
    process = subprocess.Popen(
        [
            *command,
            "--state",
            str(home / "state"),
            "--log",
            str(home / "log"),
            format_address(server.address),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


NO_RULE = "there is no [[alert]] in the configuration: only a lost connection is reported"
NO_RECEIVER = "there is no [[notify]] with a command or url in the configuration: alerts are only"


@pytest.mark.parametrize(
    ("config", "lacks"),
    [
        ("", [NO_RULE, NO_RECEIVER]),
        ('[[alert]]\nwhen = "ready > 0"\ntubes = "*"\n', [NO_RECEIVER]),
        ('[[notify]]\ncommand = "true"\n', [NO_RULE]),
        ('[[notify]]\ntouch = "/dev/null"\nheartbeat = "1h"\n', [NO_RULE, NO_RECEIVER]),
    ],
)
def test_it_says_at_the_start_what_is_not_reported(
    own_server: Beanstalkd, tmp_path: Path, config: str, lacks: list[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(config)
    with _alert(own_server, file, tmp_path) as process:
        assert process.stderr
        said = [process.stderr.readline() for _ in range(1 + len(lacks))]
    assert said[0].startswith("beantop: watching ")
    assert all(
        sentence in line and "--default-config" in line
        for sentence, line in zip(lacks, said[1:], strict=True)
    )


def test_it_says_at_the_start_how_many_alerts_have_fired_since_the_last_run(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[alert]]\nwhen = "ready > 0"\ntubes = "*"\n[[notify]]\ncommand = "true"\n')
    with own_server.client() as client:
        client.put("")
    with _alert(own_server, config, tmp_path):
        wait_until(
            lambda: (
                (tmp_path / "state" / "state.json").exists() and b"ready > 0" in _state(tmp_path)
            ),
            "it fires",
            30,
        )
    with _alert(own_server, config, tmp_path) as process:
        assert process.stderr
        said = process.stderr.readline()
    assert said.endswith(": 1 rule, 1 receiver; 1 alert still firing from the last run\n")


def test_it_names_tubes_that_do_not_exist(own_server: Beanstalkd, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    tubes = '["default", "emials", "sms-*"]'
    config.write_text(
        f'[[alert]]\nwhen = "ready > 9"\ntubes = {tubes}\n[[notify]]\ncommand = "true"\n'
    )
    with _alert(own_server, config, tmp_path) as process:
        assert process.stderr
        said = [process.stderr.readline() for _ in range(3)]
    name = format_address(own_server.address)
    assert said[1:] == [
        f"beantop: {name} has no tube {tube} now: rules about it wait until it exists\n"
        for tube in ("emials", "sms-*")
    ]


@pytest.mark.long
def test_systemd_hears_that_it_is_ready_and_alive(server: Beanstalkd, tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(30)
        environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}
        with _alert(server, Path("/dev/null"), tmp_path, **environment):
            said = [listener.recv(100) for _ in range(3)]
    assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


def test_the_unit_file_ships(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alert", "--systemd-unit", "--config", "/dev/null"]) == 0
    lines = capsys.readouterr().out.splitlines()
    [start] = [line for line in lines if line.startswith("ExecStart=")]
    program, *arguments = start.removeprefix("ExecStart=").split()
    assert Path(program).is_absolute()
    assert " ".join(arguments).endswith("alert --config /etc/beantop/config.toml")
    assert {"[Unit]", "[Service]", "[Install]", "Type=notify", "Restart=always"} <= set(lines)
