"""Makes the pictures of the README: `python -m screenshots.take`. The same ones on every run."""

import asyncio
import os
import time
from pathlib import Path

from tests.app import stills
from tests.app.screen_text import until_shown
from tests.app.scripted_server import EMAIL_TUBE, scripted_server

HERE = Path(__file__).parent

SIZE = (120, 30)

SHOTS: dict[str, list[tuple[list[str], str]]] = {  # picture → keys, and what to wait for after them
    "tubes": [([], "email-transactional")],
    "tube": [(["enter"], "4812001")],
    "job": [(["enter"], "4812001"), (["G", "enter"], "user_id")],
}


async def take(name: str) -> str:
    """One picture, as SVG."""
    with scripted_server(EMAIL_TUBE) as address:
        app = stills.app(stills.watched(), address=address)
        async with app.run_test(size=SIZE) as pilot:
            for keys, word in SHOTS[name]:
                await pilot.press(*keys)
                await until_shown(pilot, word)
            await pilot.pause()
            return app.export_screenshot(title="beantop", simplify=True)


def main() -> None:
    """Write all pictures beside this file."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    for name in SHOTS:
        (HERE / f"{name}.svg").write_text(asyncio.run(take(name)))


if __name__ == "__main__":
    main()
