"""What makes screens the same on every run and machine."""

import os
import time
from collections.abc import Iterator

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)  # a blink is not the same twice
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()
