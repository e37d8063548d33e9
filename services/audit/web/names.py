"""What agencies, desks and areas are called on the auditors' pages: the register of this process, codes without one.

A name is the one the register has for the code last; what the record says was decided by the code.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from contracts.register import Register
from services.runtime.documents import DocumentError
from services.runtime.logs import logger
from services.runtime.register.loading import load_register
from services.runtime.terminal import Language

_MOST_ALIKE: Final = 12
Pair = tuple[str, str]


@dataclass(slots=True)
class Names:
    """Code -> Vietnamese and English name."""

    agencies: dict[str, Pair] = field(default_factory=dict)
    desks: dict[tuple[str, str], Pair] = field(default_factory=dict)
    areas: dict[str, Pair] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Register) -> Self:
        """The names of a register."""
        return cls(
            {one.code: (one.name_vi, one.name_en) for one in register.agencies},
            {(one.code, d.code): (d.name_vi, d.name_en) for one in register.agencies for d in one.desks},
            {one.code: (one.name_vi, one.name_en) for one in register.areas},
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Those of the register in this file; none where it cannot be read: codes say the same."""
        try:
            return cls.of(load_register(path))
        except (OSError, DocumentError) as error:
            logger().warning("no_register", path=str(path), reason=str(error))
            return cls()

    def agency(self, lang: Language, code: str) -> str:
        """The agency's name, or its code."""
        return lang.pick(*self.agencies.get(code, (code, code)))

    def desk(self, lang: Language, agency: str, desk: str) -> str:
        """The desk's name, or its code."""
        return lang.pick(*self.desks.get((agency, desk), (desk, desk)))

    def area(self, lang: Language, code: str) -> str:
        """The area's name, or its code."""
        return lang.pick(*self.areas.get(code, (code, code)))

    def alike(self, lang: Language, text: str) -> tuple[str, ...]:
        """Codes of agencies whose name or code holds the text, shortest name first."""
        sought = text.casefold()
        found = [code for code, names in self.agencies.items() if any(sought in n.casefold() for n in (code, *names))]
        return tuple(sorted(found, key=lambda code: (len(self.agency(lang, code)), code))[:_MOST_ALIKE])
