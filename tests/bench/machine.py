"""What the numbers were measured on."""

import os
import platform
import subprocess
from importlib.metadata import version


def about_this_machine() -> str:
    """Cores and versions, in a line."""
    server = subprocess.run(["beanstalkd", "-v"], capture_output=True, text=True, check=True)
    versions = (f"{name} {version(name)}" for name in ("textual", "rich", "greenstalk"))
    return ", ".join(
        [
            f"{os.cpu_count()} cores (load {os.getloadavg()[0]:.1f})",
            f"Python {platform.python_version()}",
            *versions,
            server.stdout.strip(),
        ]
    )
