"""`beantop replay`: show a recording on the screens of the dashboard."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from beantop.commands.arguments import named
from beantop.commands.invocation import Invocation
from beantop.monitor.frames import NotFrames
from beantop.preferences import PreferencesFile, marks_path, state_path
from beantop.report.output import fail, fail_without_screen, say

if TYPE_CHECKING:
    from beantop.monitor.recording import Recording

DESCRIPTION = """\
Show a recording of `beantop record` on the screens of the dashboard, with a time line: pause, step,
speed, jump to a time or to the next problem. No server is asked anything."""

EXAMPLES = """\
  beantop replay night.rec
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=named, metavar="FILE")
    parser.add_argument("--theme", type=named, metavar="NAME", help="a theme, as of the dashboard")
    parser.add_argument("--ascii", action="store_true", help="draw with plain ASCII only")


def run(invocation: Invocation) -> int:
    from beantop.app.terminal import no_terminal
    from beantop.jobs.storage import describe_file_error, open_regular
    from beantop.monitor.recording import Recording

    options = invocation.options
    try:
        recording = Recording(open_regular(options.file, os.O_RDONLY))
    except OSError as error:
        return fail(f"{options.file}: {describe_file_error(error)}")
    except NotFrames as error:
        return fail(f"{options.file}: {error}")
    if recording.problem:
        say(f"{options.file}: {recording.problem}")
    if why := no_terminal():
        return fail_without_screen(why)
    return _run_app(invocation, recording)


def _run_app(invocation: Invocation, recording: "Recording") -> int:
    from beantop.app.replay import run_replay
    from beantop.app.session.options import Options
    from beantop.app.session.playback import Playback
    from beantop.app.terminal import background
    from beantop.ascii_signs import takes_all_signs
    from beantop.jobs.marks import MarksFile

    options = invocation.options
    settings = invocation.settings._replace(servers=()).with_arguments(
        theme=options.theme, ascii=options.ascii or not takes_all_signs(sys.__stderr__)
    )
    preferences = PreferencesFile(state_path(os.environ)).load()
    marks = MarksFile(marks_path(os.environ))
    start = Options(settings, preferences, recorded=True, marks=marks)
    try:
        playback = Playback(recording)
    except ValueError as error:
        return fail(f"{options.file}: {error}")
    with background(start.theme) as is_dark:
        dark = is_dark()
    return run_replay(playback, start, dark)
