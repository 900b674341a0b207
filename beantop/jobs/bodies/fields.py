"""The fields of a decoded body, by their paths: `order_id`, `payload.kind`, `items.0.sku`."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

from beantop.formatting import is_digits
from beantop.jobs.bodies.as_json import begins_as_json, original_bytes
from beantop.jobs.bodies.layers import MAX_LAYERS
from beantop.jobs.bodies.members import decoded, opened
from beantop.jobs.bodies.views import TRIED

MAX_NAMES, MAX_NAME = 50, 60
"""Maximum number of field names to report, and characters of each."""

MAX_IN_LIST, MAX_VALUE = 2**14, 200
"""Bytes of a body whose fields are shown in a list, unless it is JSON, and characters of a value."""

MAX_PARTS = 4
"""Maximum number of parts of a name with dots. Longer names are not found: trying takes time."""


@lru_cache(maxsize=512)  # as many as a screen has, since each may keep a body of 64 KB
def field_in_list(body: bytes, how: str, path: str) -> str | None:
    """Return the beginning of a field, for a list that is drawn often; "" if there is none, and None if
    that is unknown, since the body takes long to decode.

    >>> field_in_list(b'{"order_id": 7}', "", "order_id"), field_in_list(b'{"order_id": 7}', "", "id")
    ('7', '')
    """
    if len(body) > MAX_IN_LIST and not begins_as_json(body):
        return None
    fields = Fields(body, how)
    found = fields.get(path)
    if found is None:
        return None if fields.is_cut else ""
    return found[:MAX_VALUE]


class Fields:
    r"""The fields of a body as its first view shows them, also those in strings that are decoded below
    it. Nothing in a body can make this fail.

    >>> fields = Fields(b'{"id": 7, "user": {"name": "Ada"}, "data": "{\\"tags\\": [\\"a\\", true]}"}')
    >>> [fields.get(path) for path in ("id", "user.name", "data.tags.1", "user", "name")]
    ['7', 'Ada', 'true', None, None]
    """

    def __init__(self, body: bytes, how: str = "") -> None:
        """`how` is as in `views`."""
        self._tree, self.is_cut = decoded(body, how)
        """`is_cut` tells whether a field that was not found may be in a part that is not decoded."""

    def get(self, path: str) -> str | None:
        """Return the value with this path, as text; None if there is none, or if it has members."""
        found = self._find(path)
        return None if isinstance(found, Mapping | list) else _text(found)

    def has(self, path: str) -> bool:
        """Return whether there is a field with this path."""
        return self._find(path) is not _NOTHING

    @property
    def names(self) -> Sequence[str]:
        """The paths of its fields, the outermost first, as far as they are few and short.

        >>> Fields(b'{"id": 7, "user": {"name": "Ada"}, "to": []}').names
        ['id', 'user', 'to', 'user.name']
        """
        names: list[str] = []
        left: list[tuple[str, object]] = [("", self._tree)]
        for before, found in left:
            if not isinstance(found, Mapping):
                continue
            for name in islice(found, MAX_NAMES):
                path = before + name
                if len(names) < MAX_NAMES and len(path) <= MAX_NAME and name.count(".") < MAX_PARTS:
                    names.append(path)
                    left.append((f"{path}.", found[name]))
        return names

    def _find(self, path: str) -> object:
        found: object = self._tree
        left, most = path.split("."), MAX_LAYERS
        while left:
            if isinstance(found, str | bytes):
                self.is_cut = self.is_cut or len(found) > TRIED
                found, most = opened(found, most), most - 1
            found, taken = _step(found, left)
            left = left[taken:]
        return found


_NOTHING = object()


def _step(found: object, path: Sequence[str]) -> tuple[object, int]:
    """Return the value at the first names of a path, and how many names these are: a name may
    contain dots."""
    if isinstance(found, Mapping):
        for count in range(min(len(path), MAX_PARTS), 0, -1):
            if (name := ".".join(path[:count])) in found:
                return found[name], count
    elif isinstance(found, list):
        at = path[0]
        if is_digits(at) and len(at) < 10 and int(at) < len(found):
            return found[int(at)], 1
    return _NOTHING, len(path)


def _text(value: object) -> str | None:
    if value is _NOTHING:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    return text if text.isprintable() else original_bytes(text).decode("utf-8", "backslashreplace")
