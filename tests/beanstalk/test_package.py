import subprocess
import sys

import pytest

from beantop import beanstalk


@pytest.mark.long
def test_it_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, beantop.beanstalk; print(*{name.partition('.')[0] for name in sys.modules})"
    output = subprocess.run([sys.executable, "-Ic", code], capture_output=True, check=True).stdout
    loaded = set(output.decode().split()) - {"__main__", "beantop"}
    assert {name for name in loaded if not name.startswith("_")} <= sys.stdlib_module_names


def test_it_exports_what_it_says() -> None:
    assert [name for name in beanstalk.__all__ if not hasattr(beanstalk, name)] == []
    assert len(set(beanstalk.__all__)) == len(beanstalk.__all__)
