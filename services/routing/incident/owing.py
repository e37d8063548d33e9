"""Says which obligations a fact brings, for whoever schedules them. It knows nothing of those met since."""

from collections.abc import Iterable
from typing import Final

from contracts.decisions import Obligation
from contracts.frozen import Contract

_WHERE: Final = ("obligation", "repeat", "next")


def owed_by(data: Contract) -> tuple[Obligation, ...]:
    """Every obligation that arises by this fact."""
    fields = vars(data)  # a model takes long to say that it has no such field, and this is asked of every fact
    listed: Iterable[Obligation] = fields.get("obligations", ())
    single = (fields.get(name) for name in _WHERE)
    return (*listed, *(owed for owed in single if isinstance(owed, Obligation)))
