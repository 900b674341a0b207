"""The commands of the clients in the comparison."""

import re
from random import Random

from tests.demo.pairs import MAX_JOB_SIZE


def bodies(*texts: str) -> list[str]:
    return [f"{len(text.encode())}\r\n{text}" for text in texts]


# Each <word> becomes one of its list. "#0", "#1", … become ids of jobs that there are, first those
# that the speaker holds; one number stands for a job that there is not.
WORDS = {
    "good": [
        *("<put>", "<put>", "<put>", "<reserve>", "<reserve>", "<end>", "<end>", "<end>"),
        *("<move>", "<move>", "<tubes>", "<tubes>", "<look>"),
    ],
    "put": ["put <priority> <delay> <small> <body>"],
    "reserve": [
        *("reserve", "reserve-with-timeout 0", "reserve-with-timeout <small>", "reserve-job <id>"),
    ],
    "end": [
        *("release <id> <priority> <delay>", "bury <id> <priority>", "touch <id>", "delete <id>"),
    ],
    "move": ["<kick>", "<kick>", "kick-job <id>", "pause-tube <tube> <delay>"],
    "tubes": ["use <tube>", "watch <tube>", "watch <tube>", "ignore <tube>"],
    "look": [
        *("peek <id>", "peek-ready", "peek-delayed", "peek-buried", "stats", "stats-tube <tube>"),
        *("stats-job <id>", "list-tubes", "list-tube-used", "list-tubes-watched"),
    ],
    "kick": ["kick 0", "kick 1", "kick 2", "kick -1", "kick +1x", "kick 3"],
    "small": ["0", "1", "2", "3"],
    "delay": ["0", "0", "0", "1", "2"],
    "priority": ["0", "1", "2", "1023", "1024", "1025", "4294967295"],
    "id": ["#0", "#0", "#0", "#1", "#2", "#3", "#4", "#5"],
    "tube": ["default", "default", "default", "default", "a", "a", "a", "b", "c", "d", "e"],
    "body": bodies("", "x", "hello", "a\r\nb", "\r\n", "é" * 7, "-" * MAX_JOB_SIZE),
    "odd": [
        "put <number> <number> <number> 1",
        "put 1 0 1 <number>",
        "put 1 0 1 3 <number>\r\nabc",
        "put <priority> <delay> <small> <big>",
        "put <priority> <delay> <small> <body>+",
        "put <priority> <delay> <small> 3\r\nx",
        "release <id> <number> <number>",
        "release <number> <number> <number>",
        "bury <id> <number>",
        "<of-a-job> <number>",
        "<of-a-job> <number>",
        "kick <number>",
        "kick <number>",
        "<of-a-tube> <name>",
        "<of-a-tube> <name>",
        "pause-tube<space><name> <number>",
        "pause-tube <tube><number>",
        "<good><space>",
        "<space><good>",
        "<good>X",
        "<good> 1",
        *("", "hello", "put", "use", "peek", "stats-", "pause-tube", "RESERVE", "list-tubesX"),
        "<long>",
    ],
    "of-a-job": ["reserve-job", "delete", "touch", "kick-job", "stats-job", "peek"],
    "of-a-tube": ["use", "watch", "ignore", "stats-tube", "list-tubes", "reserve", "quit"],
    "number": [
        *("", " ", "-1", "-0", "+1", "0", "00", "007", "1x", "x", "1 ", " 1", "\t1", "1.5", "0x1"),
        *("2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551615"),
        *("18446744073709551616", "-18446744073709551615", "-18446744073709551616", "9" * 100),
    ],
    "name": [
        *("", " ", "-a", "a b", "a ", " a", "a\tb", "é", "a" * 200, "a" * 201, "+/;.$_()-", 'a"b'),
        *("a\0", "<tube>", "<tube>"),
    ],
    "space": ["", " ", "  ", "\0", "\t", "\r", "\n"],
    "big": bodies(*("!" * size for size in (101, 223, 1000, 1024, 3000))),
    "long": [
        *("use " + "u" * size for size in (217, 218, 219, 220, 221, 300, 443, 444, 445, 700)),
        *("x" * size + "\r" for size in (221, 222, 223, 224, 446, 447, 448)),
    ],
}


SCENES = [
    ["<put>", "pause-tube default <delay>", "reserve"],
    ["use a", "watch a", "<put>", "pause-tube a <delay>", "reserve-with-timeout <small>"],
    ["reserve-with-timeout 0", "reserve-with-timeout <small>"],
    ["<put>", "reserve-with-timeout 0", "reserve"],
]
"""Combinations that are rare by chance: waiting on a paused tube, or with a reserved job."""


def some(random: Random, text: str) -> str:
    """The text with its words chosen."""
    return re.sub("<([a-z-]+)>", lambda word: some(random, random.choice(WORDS[word[1]])), text)


LEFT_OUT = re.compile(
    # 1.12 takes any text as the number here: 0, or a negative one that never ends.
    rb"reserve-with-timeout (?! *[0-9])"
    # … and cuts a number that is too big.
    rb"|reserve-with-timeout +[0-9]*(214748364[89]|429|184|999)"
)
