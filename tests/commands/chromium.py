"""A headless Chromium that a test drives over the DevTools protocol."""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pyte

from tests.beanstalkd import wait_until

PATIENCE = 60.0

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,800",
    "--remote-debugging-port=0",
]

KEEPS_BYTES = """
window.received = [];
const Real = window.WebSocket;
window.WebSocket = function (...given) {
    const socket = new Real(...given);
    socket.addEventListener("message", async ({ data }) => {
        const bytes = data instanceof Blob ? await data.arrayBuffer() : data;
        if (typeof bytes !== "string")
            window.received.push(btoa(String.fromCharCode(...new Uint8Array(bytes))));
    });
    return socket;
};
Object.assign(window.WebSocket, Real);
window.WebSocket.prototype = Real.prototype;
"""
"""Script that keeps what a page's terminal receives: it draws on a canvas, which has no text."""


class Page:
    """A page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._screen = pyte.Screen(300, 100)
        self._stream = pyte.ByteStream(self._screen)

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != number:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self, url: str) -> None:
        await self.call("Page.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=KEEPS_BYTES)
        await self.call("Page.navigate", url=url)

    async def press(self, keys: str) -> None:
        """Press keys, each as a keyboard does."""
        focus = "document.querySelector('.xterm-helper-textarea').focus()"
        await self.call("Runtime.evaluate", expression=focus)
        for key in keys:
            name, code = ("Enter", 13) if key == "\r" else (key, ord(key.upper()))
            pressed = {"key": name, "windowsVirtualKeyCode": code if name.isalnum() else 0}
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=key, **pressed)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def until(self, words: str) -> None:
        """Wait until the terminal of the page shows these words."""
        async with asyncio.timeout(PATIENCE):
            while not any(words in line for line in self._screen.display):
                found = await self.call(
                    "Runtime.evaluate",
                    expression="JSON.stringify((window.received || []).splice(0))",
                )
                for part in json.loads(found["result"]["value"]):
                    self._stream.feed(base64.b64decode(part))
                await asyncio.sleep(0.05)


@contextmanager
def chromium(directory: Path) -> Iterator[str]:
    """Run a browser with its files in a new directory, and yield the address of its tools."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "the slow tests need a browser: apt-get install chromium"
    command = [program, *OPTIONS, f"--user-data-dir={directory}", "about:blank"]
    port = directory / "DevToolsActivePort"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(
                lambda: port.exists() and "\n" in port.read_text(), "Chromium runs", PATIENCE
            )
            yield f"127.0.0.1:{port.read_text().split()[0]}"
        finally:
            process.terminate()
            process.wait()


@asynccontextmanager
async def page_of(tools: str) -> AsyncIterator[Page]:
    """Yield the page that the browser opened."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://{tools}/json/list") as answer:
            pages = await answer.json()
        url = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        async with session.ws_connect(url, max_msg_size=0) as socket:
            yield Page(socket)
