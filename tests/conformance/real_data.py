"""Where the published sample files lie: beside the repository, never in it."""

from pathlib import Path
from typing import Final

import pytest

REAL_DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "realdata"

needs_real_data: Final = pytest.mark.skipif(
    not REAL_DATA.is_dir(), reason="the published CAP and EDXL samples are not beside this checkout"
)
