"""`beantop check`: check rules once, as a plugin of Nagios or Icinga."""

import argparse
from collections.abc import Callable
from threading import Thread

from beantop.beanstalk import Error, describe_error, format_address
from beantop.commands.arguments import duration_within
from beantop.commands.invocation import Invocation
from beantop.monitor.alerts import AlertRule
from beantop.report.check import Result, State, judge, observe, takes_two_polls, why_refused
from beantop.report.check_rules import is_rule, parse_check
from beantop.report.output import NoReader, write

DESCRIPTION = """\
Check rules once and print one line with performance data, as a plugin of Nagios or Icinga. The exit code
is 0 if all is well, 1 for a warning, 2 if it is critical, 3 if that is unknown. Without a rule, the
alerts of the configuration are checked."""

EXAMPLES = """\
  beantop check 'emails: oldest > 10m warn, > 1h crit' queue-1
  beantop check 'emails sms-*: ready > 1000 or buried > 0 crit' 'workers < 1' queue-1
  beantop check --timeout 5 --absent critical 'emails: watching = 0' queue-1
"""

TIMEOUT = 10.0
OVER = 2.0
"""Seconds between the two polls of rules with rates."""

_NAMES = {state.name.lower(): state for state in State}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "rules",
        nargs="*",
        metavar="RULE",
        help="[TUBES:] CONDITION [warn | crit], ... (critical unless it says otherwise)",
    )
    parser.add_argument(
        "--timeout",
        type=duration_within(0.1, 3600),
        default=TIMEOUT,
        metavar="SECS",
        help=f"end after SECS, whatever the server does (default: {TIMEOUT:g})",
    )
    parser.add_argument(
        "--over",
        type=duration_within(0.1, 3600),
        default=OVER,
        metavar="SECS",
        help=f"seconds between the two polls for jobs per second, drain and cpu (default: {OVER:g})",
    )
    _add_state(
        parser,
        "--absent",
        State.OK,
        "result if a tube does not exist, or no tube matches a pattern (default: ok, such a tube is"
        " empty)",
    )
    _add_state(
        parser,
        "--down",
        State.UNKNOWN,
        "result if the server cannot be reached, or is too slow (default: unknown)",
    )


def fail(sentence: str) -> int:
    """Print what is wrong with the usage, and return the exit code."""
    return _print(Result(State.UNKNOWN, sentence))


def sort_out(options: argparse.Namespace) -> None:
    """Tell the rules from the server: a rule has a comparison in it."""
    words = [*options.rules, *options.hosts]
    options.rules = [word for word in words if is_rule(word)]
    options.hosts = [word for word in words if not is_rule(word)]


def run(invocation: Invocation) -> int:
    options, server = invocation.options, invocation.server
    rules = [rule for text in options.rules for rule in parse_check(text)]
    rules = rules or list(invocation.settings.alerts)
    if not rules:
        return fail("there are no rules: give some, or write [[alert]] in the configuration")
    if why := why_refused(rules):
        return fail(why)
    if takes_two_polls(rules) and options.over >= options.timeout:
        return fail("--over must be shorter than --timeout")
    late = f"{format_address(server.address)} did not answer within {options.timeout:g} s"
    too_late = Result(_NAMES[options.down], late)
    return _print(_in_time(lambda: _check(invocation, rules), options.timeout, too_late))


def _check(invocation: Invocation, rules: list[AlertRule]) -> Result:
    options, address = invocation.options, invocation.server.address
    try:
        seen = observe(address, rules, options.over, options.timeout)
        return judge(rules, seen, _NAMES[options.absent])
    except ValueError as error:
        return Result(State.UNKNOWN, str(error))
    except Error as error:
        why = f"cannot poll {format_address(address)}: {describe_error(error)}"
        return Result(_NAMES[options.down], why)


def _in_time(work: Callable[[], Result], seconds: float, too_late: Result) -> Result:
    """Return the result of a call, or the other one after `seconds`; the call is then abandoned."""
    results: list[Result] = []

    def call() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001  # exit code 1 would be a warning
            results.append(Result(State.UNKNOWN, f"a bug in beantop: {error!r}"))

    thread = Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    return results[0] if results else too_late


def _print(result: Result) -> int:
    try:
        write(result.line)
    except NoReader:  # its code would mean that something is critical
        return State.UNKNOWN
    return result.state


def _add_state(
    parser: argparse.ArgumentParser, name: str, default: State, description: str
) -> None:
    parser.add_argument(
        name, choices=_NAMES, default=default.name.lower(), metavar="STATE", help=description
    )
