"""Says in Vietnamese why a report was joined to an incident; the recorded reasons are English sentences."""

import re
from collections.abc import Callable
from typing import Final

from services.runtime.terminal import Language
from services.stack.demo.names import Names

_KNOWN: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(english), vietnamese)
    for english, vietnamese in (
        (r"same category (\S+)", r"cùng loại {0}"),
        (r"(\S+) and (\S+) may describe the same thing", r"{0} và {1} có thể là một việc"),
        (r"([\d.]+) km apart", r"cách nhau {0} km"),
        (r"same commune (\S+)", r"cùng {area}"),
        (r"both in area (\S+)", r"cùng {area}"),
        (r"(\d+) min apart in time", r"cách {0} phút"),
        (r"the only open incident seen there in the period reported on", r"sự cố duy nhất ở đó trong kỳ báo cáo"),
        (r"the report names this incident", r"báo cáo ghi rõ sự cố này"),
        (r"the report refers to an earlier report of its sender.*", r"đơn vị dẫn chiếu báo cáo trước của mình"),
    )
)


def because(reasons: tuple[str, ...], language: Language, names: Names) -> str:
    """The reasons on one line; one that is not known here is shown as recorded."""
    said: Callable[[str], str] = str if language is Language.EN else lambda reason: _in_vietnamese(reason, names)
    return ", ".join(map(said, reasons))


def _in_vietnamese(reason: str, names: Names) -> str:
    for pattern, words in _KNOWN:
        if found := pattern.fullmatch(reason):
            parts = found.groups()
            return words.format(*parts, area=names.area(parts[0]) if parts else "")
    return reason
