"""Bodies that may be shown: another body is made in place of one in which something is masked.

All that shows, copies, searches or exports a body is given this one, so that none of it can reach what is
masked, whatever layers it is in. What cannot be decoded completely is hidden as a whole.
"""

import binascii
import html
import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import unquote_plus

from beantop.jobs.bodies.layers import MAX_LAYERS, WITH_HEAD, WRAPPINGS
from beantop.jobs.bodies.lines import Malformed
from beantop.jobs.bodies.mask import (
    MASKED,
    TOO_SLOW,
    Finder,
    Mask,
    TakesTooLong,
    finder_of,
    path_of,
)
from beantop.jobs.bodies.plain import is_text
from beantop.jobs.bodies.reading import Reading, Shown
from beantop.jobs.bodies.texts import shown_text
from beantop.jobs.bodies.values import Members, Value, Written, leaves
from beantop.jobs.bodies.views import READERS, TRIED, View, nested_view, views

PARTLY = "masked: --unmask shows it"
"""The note of a body of which a part is masked."""

RAW_HIDDEN = f"{MASKED} hidden: a masked field is inside; --unmask shows it"
"""The line instead of bytes in which something is masked."""

MIN_SECRET = 4
"""Characters of a masked value that is also masked where it is repeated."""

MIN_FORM = 6
"""Letters of base64 that are taken for a masked value."""

MAX_KEPT = 2**16
"""Bytes of a body whose masked form is cached."""

MAX_WORK, WORK_OF_A_PIECE, WORK_OF_A_SECRET = 2**22, 256, 0.3
"""Bytes that are searched for one body, in all its layers; what each piece costs beside its bytes, and each
masked value that is looked for in a piece. All of it takes about a second."""

SECONDS_OF_A_BODY = 1.0
"""Processor time that the patterns may take for one body."""

DEEP = 32
"""Names of a path that are kept: those of the levels just above a value."""

_COMPRESSIONS = (*WITH_HEAD, "zlib", "deflate")

_RUN = re.compile(r"[A-Za-z0-9+/_\-]{16,}")
"""Characters that may be base64 or hexadecimal digits, also within a text."""

_BROKEN_LINE = re.compile(r"(?<=[A-Za-z0-9+/_\-])\s*\r?\n\s*(?=[A-Za-z0-9+/_\-])")
_HEX = re.compile(r"[0-9a-fA-F]+")
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrtbfv0])|([/\"'\\]))")

MAX_VARIANTS = 4
"""Escapes within escapes that are undone."""


def masked(body: bytes, size: int, reading: Reading) -> Shown:
    """Return what may be shown of a body, or of the beginning of a body of `size` bytes. Nothing in it
    can make this fail."""
    if len(body) < size or size > TRIED:
        return _hidden("it is too large to be masked")
    return _cached(body, reading) if size <= MAX_KEPT else _masked(body, reading)


def masked_views(body: bytes, reading: Reading) -> list[View]:
    """Return all views of a body, best one first. Its bytes are hidden if something in it is masked.

    >>> found = masked_views(b'{"to": "ada", "password": "x"}', Reading(mask=Mask(("password",))))
    >>> [line.strip() for view in found for line in view.lines()][1:5]
    ['"to": "ada",', '"password": "***"', '}', '*** hidden: a masked field is inside; --unmask shows it']
    """
    shown = reading.shown(body)
    found = views(shown.body, shown.reading.decoder)
    if not shown.note:
        return found
    best = View(found[0].name, found[0].lines, found[0].inner, problem=shown.note)
    names = [name for name in ("text", "hex") if name != best.name]
    return [best, *(View(name, lambda: [RAW_HIDDEN], b"", problem=shown.note) for name in names)]


@lru_cache(maxsize=512)
def _cached(body: bytes, reading: Reading) -> Shown:
    return _masked(body, reading)


def _masked(body: bytes, reading: Reading) -> Shown:
    assert reading.mask is not None
    try:
        found = _Masking(reading.mask).shown(body, reading.decoder)
    except (ValueError, RecursionError, OverflowError) as error:
        is_slow = isinstance(error, TakesTooLong)
        return _hidden(str(error) if is_slow else "it cannot be decoded completely")
    if found is None:
        return _hidden("a masked field may be inside")
    if found == body:
        return Shown(body, reading._replace(mask=None))
    return Shown(found, Reading(class_path=reading.class_path), PARTLY)


def _hidden(why: str) -> Shown:
    """Return a sentence in place of a body. A class path has nothing to find in it."""
    why = f"hidden: {why}"
    return Shown(f"{MASKED} {why}; --unmask shows it".encode(), Reading(), why)


class _Masking:
    """Masks one body."""

    def __init__(self, mask: Mask) -> None:
        self._finder: Finder = finder_of(mask)
        self._secrets: set[str] = set()
        """Values of masked fields, which are also masked elsewhere in the body."""
        self._forms: set[str] = set()
        """The same values as they are encoded, in lower case."""
        self._count = 0
        """Number of values that were masked."""
        self._work = 0.0
        self._seconds = 0.0
        """Processor time that the patterns took."""
        self._nested_views: dict[tuple[bytes, int], View | None] = {}
        self._clean_runs: set[str] = set()

    def shown(self, body: bytes, decoder: str) -> bytes | None:
        """Return the body, or one without what is masked; None if a masked field may be anywhere in it.
        Raises ValueError if it cannot be decoded, and RecursionError."""
        view = views(body, decoder)[0]
        name = view.format
        if view.problem or name == "hex" or len(view.inner) > TRIED:
            raise Malformed("it is not decoded completely")
        if name not in READERS:
            return self._of_text(body, view, is_text=name == "text")
        value = READERS[name](view.inner)
        found = self._walk(value, (), MAX_LAYERS)
        if self._secrets:  # they may be repeated before the place where they were found
            self._clean_runs.clear()
            found = self._walk(value, (), MAX_LAYERS)
        if self._count:
            written = _written(name, found)
            return None if self._is_left_in(written) else written
        return None if self._holds(view.inner) else body  # as in a member that is there twice

    def _of_text(self, body: bytes, view: View, *, is_text: bool) -> bytes | None:
        """Return a body that has no fields."""
        if not is_text:
            return None if self._holds(body) or self._is_on_screen(view) else body
        text = view.inner.decode("utf-8")
        found = self._of_string(text, ())
        if found == MASKED:
            return None
        return body if found == text else found.encode()

    def _is_on_screen(self, view: View) -> bool:
        """Return whether the lines of a view have something to be masked, however they came there."""
        return self._is_hit(shown_text(view.lines()))

    def _is_left_in(self, written: bytes) -> bool:
        """Return whether a masked value is still in the body that was written."""
        text = written.decode("utf-8", "backslashreplace")
        return any(self._has_secret(variant) for variant in _variants(text))

    # Values:

    def _walk(self, value: Value, path: tuple[str, ...], most: int) -> Value:
        """Return a value without what is masked. `most` is the number of layers in its strings."""
        if isinstance(value, Members):
            return self._members(value, path, most)
        if isinstance(value, list):
            return self._list(value, path, most)
        if isinstance(value, str | bytes):
            return self._string(value, path, most)
        if value is None or isinstance(value, bool):
            return value
        return MASKED if self._is_hit(str(value), words=False) and self._counted() else value

    def _list(self, value: list[Value], path: tuple[str, ...], most: int) -> list[Value]:
        if any(self._stands_for_field(item, path) for item in value):
            return [self._secret_beside(item, path) for item in value]
        if any(self._is_heading(item, path, is_first=not at) for at, item in enumerate(value)):
            return [self._secret(item) for item in value]
        return [self._walk(item, path, most) for item in value]

    def _is_heading(self, row: Value, path: Sequence[str], *, is_first: bool) -> bool:
        """Return whether a row has the names of the columns of a table. A pair such as `["password", "…"]`
        has none, unless it comes first: then that is not certain."""
        if not isinstance(row, list):
            return False
        is_pair = len(row) == 2 and self._stands_for_field(row[0], path) and not is_first
        return not is_pair and any(self._stands_for_field(item, path) for item in row)

    def _members(self, value: Members, path: tuple[str, ...], most: int) -> Members:
        found = Members(self._key(value.class_name))
        named = any(self._stands_for_field(item, path) for item in value.values())
        # As in {"columns": ["id", "password"], "row": [7, "…"]}:
        listed = any(
            isinstance(item, list) and any(self._stands_for_field(one, path) for one in item)
            for item in value.values()
        )
        for name, item in value.items():
            inside = (*path, *path_of(name))[-DEEP:]
            if self._finder.is_field(path, name):
                found[self._key(name)] = self._secret(item)
            elif named or (listed and isinstance(item, list)):
                found[self._key(name)] = self._secret_beside(item, path)
            else:
                found[self._key(name)] = self._walk(item, inside, most)
        return found

    def _key(self, name: str) -> str:
        """Return the name of a member, in which a pattern may match, too."""
        key = self._without_secrets(self._without_matches(name))
        if any(sign in name for sign in "=\n") and self._finder.mentions(name):
            key = MASKED
        if key != name:
            self._counted()
        return key

    def _stands_for_field(self, value: Value, path: Sequence[str]) -> bool:
        return isinstance(value, str | bytes) and self._finder.stands_for_field(_text(value), path)

    def _is_name(self, value: Value, path: Sequence[str]) -> bool:
        return isinstance(value, str | bytes) and self._finder.is_name(_text(value), path)

    def _secret_beside(self, value: Value, path: Sequence[str]) -> Value:
        """Return what is shown beside the name of a masked field, which is shown itself."""
        if self._is_name(value, path) or isinstance(value, bool):
            return value
        return self._secret(value)

    def _secret(self, value: Value) -> Value:
        """Return what is shown of a masked value, and remember its texts."""
        self._counted()
        if value is None or value in ("", b"", [], {}):
            return value
        for _, leaf in leaves(value):
            text = _text(leaf) if isinstance(leaf, str | bytes) else str(leaf)
            if not isinstance(leaf, bool) and len(text) >= MIN_SECRET:
                self._secrets.add(text)
                self._forms.update(_forms(text))
        return MASKED

    def _counted(self) -> bool:
        self._count += 1
        return True

    # Strings:

    def _string(self, value: str | bytes, path: tuple[str, ...], most: int) -> str | bytes:
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        if not data:
            return value
        view = self._view_of(data, most)
        if view and not view.name.endswith(("text", "hex")):
            return self._nested(value, view, path, most)
        if not is_text(data):
            self._counted()
            return MASKED
        text = data.decode("utf-8")
        found = self._of_string(text, path)
        if found == text:
            return value
        self._counted()
        return found

    def _view_of(self, data: bytes, most: int) -> View | None:
        key = data, most
        if key not in self._nested_views:
            self._nested_views[key] = nested_view(data, most, "")
        return self._nested_views[key]

    def _nested(
        self, value: str | bytes, view: View, path: tuple[str, ...], most: int
    ) -> str | bytes:
        """Return a string that holds encoded data: with its own format, but without other layers."""
        name = view.format
        if view.problem or name not in READERS or len(view.inner) > TRIED:
            is_clean = not view.problem and name == "pickle" and not self._holds(view.inner)
            if not is_clean or self._is_on_screen(view):
                self._counted()
                return MASKED
            return value
        before = self._count
        found = self._walk(READERS[name](view.inner), path, most - 1)
        if self._count > before:
            return _written(name, found)
        if self._holds(view.inner):  # as in a member that is there twice
            self._counted()
            return MASKED
        return value

    def _of_string(self, text: str, path: tuple[str, ...]) -> str:
        """Return a text without what is masked; `MASKED` if it may be anywhere in it."""
        if path and self._finder.is_name(text, path):
            return text
        found = self._without_secrets(self._without_matches(text))
        is_torn = found != text and self._is_in_runs(_variants(text), MAX_LAYERS)
        is_hit = is_torn or self._holds(found.encode("utf-8", "surrogatepass"))
        return MASKED if is_hit else found

    # Bytes:

    def _holds(self, data: bytes, most: int = MAX_LAYERS) -> bool:
        """Return whether something in the data, or encoded in it, is to be masked."""
        self._spend(len(data) + WORK_OF_A_PIECE)
        if is_text(data):
            variants = list(_variants(data.decode("utf-8")))
            is_hit = any(map(self._is_hit, variants))
        else:
            variants = [data.decode("latin-1")]
            is_hit = self._is_within(data)
        if is_hit or most < 1:  # what is encoded still deeper is not looked at, and may be anything
            return is_hit or (is_text(data) and any(map(_RUN.search, variants)))
        if not is_text(data) and any(self._is_in_layer(name, data, most) for name in _COMPRESSIONS):
            return True
        return self._is_in_runs(variants, most)

    def _is_in_runs(self, variants: Iterable[str], most: int) -> bool:
        """Return whether something to be masked is encoded in one of these texts."""
        runs = {run for variant in variants for run in _runs(variant)}
        return any(self._is_in_run(run, most) for run in runs - self._clean_runs)

    def _spend(self, work: float) -> None:
        """Note some work. Raises `TakesTooLong` if it is too much for one body."""
        self._work += work
        if self._work > MAX_WORK:
            raise TakesTooLong("it is too large to be masked")

    def _is_hit(self, text: str, *, words: bool = True) -> bool:
        if words and self._finder.mentions(text):
            return True
        return self._has_secret(text) or self._without_matches(text) != text

    def _without_matches(self, text: str) -> str:
        """Return a text without what the patterns match. Raises `TakesTooLong`."""
        began = time.thread_time()
        found = self._finder.masked(text)
        self._seconds += time.thread_time() - began
        if self._seconds > SECONDS_OF_A_BODY:
            raise TakesTooLong(TOO_SLOW)
        return found

    def _without_secrets(self, text: str) -> str:
        self._spend(len(self._secrets) * WORK_OF_A_SECRET)
        for secret in self._secrets:
            text = text.replace(secret, MASKED)
        return text

    def _has_secret(self, text: str) -> bool:
        self._spend((len(self._secrets) + len(self._forms)) * WORK_OF_A_SECRET)
        if any(secret in text for secret in self._secrets):
            return True
        return bool(self._forms) and any(map(text.lower().__contains__, self._forms))

    def _is_within(self, data: bytes) -> bool:
        """Return whether bytes of an unknown format have the name of a field, also in UTF-16."""
        data = data.replace(b"\0", b"")
        if self._finder.mentions_within(data.decode("latin-1")):
            return True
        return self._is_hit(data.decode("utf-8", "backslashreplace"), words=False)

    def _is_in_layer(self, name: str, data: bytes, most: int) -> bool:
        unpacked = WRAPPINGS[name](data)
        if unpacked is None:
            return False
        if unpacked.problem or unpacked.is_cut:
            return name in WITH_HEAD or self._holds(unpacked.data, most - 1)
        return self._holds(unpacked.data, most - 1)

    def _is_in_run(self, run: str, most: int) -> bool:
        """Return whether base64 or hexadecimal digits hold something; they may begin within the run."""
        if _HEX.fullmatch(run):
            digits = (run[: len(run) // 2 * 2], run[1 : 1 + (len(run) - 1) // 2 * 2])
            if any(self._holds(bytes.fromhex(piece), most - 1) for piece in digits):
                return True
        decoded = [_from_base64(run[start:]) for start in range(4)]
        if self._holds(decoded[0], most - 1):
            return True
        is_hit = any(
            self._holds(data, most - 1) if is_text(data) else self._is_within(data)
            for data in decoded[1:]
        )
        if not is_hit:
            self._clean_runs.add(run)
        return is_hit


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _runs(text: str) -> Iterator[str]:
    """Yield what may be base64, also if it is broken into lines."""
    yield from _RUN.findall(text)
    if "\n" in text:
        yield from _RUN.findall(_BROKEN_LINE.sub("", text))


def _from_base64(run: str) -> bytes:
    run = run.replace("-", "+").replace("_", "/")
    run = run[:-1] if len(run) % 4 == 1 else run
    return binascii.a2b_base64(run + "=" * (-len(run) % 4))


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms in which a value may stand within encoded data, in lower case. Those that are too
    short to be anything certain are left out.

    >>> [form for form in _forms("hunter2")]
    ['68756e74657232', 'ahvudgvym', 'h1bnrlcj', 'odw50zxiy']
    """
    data = secret.encode("utf-8", "surrogatepass")
    yield data.hex()
    for at in range(3):
        first, last = -(-at * 8 // 6), (at + len(data)) * 8 // 6
        letters = binascii.b2a_base64(bytes(at) + data, newline=False).decode()[first:last].lower()
        if len(letters) >= MIN_FORM:
            yield letters


def _variants(text: str) -> Iterator[str]:
    r"""Yield a text, and the same with its escapes undone, as often as there are any.

    >>> list(_variants("a%5Cu0041"))
    ['a%5Cu0041', 'a\\u0041', 'aA']
    """
    yield text
    for _ in range(MAX_VARIANTS):
        plain = _unescaped(text)
        if plain == text:
            return
        text = plain
        yield text


def _unescaped(text: str) -> str:
    if "%" in text:
        return unquote_plus(text)
    if "\\" in text:
        return _ESCAPE.sub(_character, text)
    if "=\n" in text or "=\r\n" in text:  # lines of quoted-printable
        return re.sub("=\r?\n", "", text)
    return html.unescape(text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else match[4] or " "


# Writing:


def _written(name: str, value: Value) -> bytes:
    """Return a value in its format; in JSON if that has no writer."""
    return _as_php(value) if name == "PHP" else _as_json(value).encode("utf-8", "replace")


def _as_json(value: Value) -> str:
    if isinstance(value, Members):
        pairs = (f"{_json_string(name)}: {_as_json(item)}" for name, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_json, value))}]"
    if isinstance(value, str | bytes):
        return _json_string(_text(value))
    return str(value) if isinstance(value, Written) else json.dumps(value)


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _as_php(value: Value) -> bytes:
    if isinstance(value, Members):
        inside = b"".join(_php_key(name) + _as_php(item) for name, item in value.items())
        named = value.class_name.encode()
        head = b'O:%d:"%b"' % (len(named), named) if named else b"a"
        return b"%b:%d:{%b}" % (head, len(value), inside)
    if isinstance(value, list):  # of several values; PHP has no lists
        return b"".join(map(_as_php, value))
    if isinstance(value, str | bytes):
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        return b's:%d:"%b";' % (len(data), data)
    if value is None:
        return b"N;"
    if isinstance(value, bool):
        return b"b:%d;" % value
    return f"{'d' if isinstance(value, float) else 'i'}:{value};".encode()


def _php_key(name: str) -> bytes:
    return f"i:{name};".encode() if re.fullmatch("-?[0-9]{1,18}", name) else _as_php(name)
