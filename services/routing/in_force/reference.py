"""Loads register and regulations from a folder and indexes them; refuses a set that does not fit the register."""

from dataclasses import dataclass
from pathlib import Path

from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.crosscheck import Crosscheck
from services.routing.regulations.rules.model import RegulationSet
from services.runtime import documents
from services.runtime.register import loading as registers


@dataclass(frozen=True, slots=True)
class Reference:
    """What routing decides by: who exists, and what the law says."""

    register: RegisterIndex
    regulations: RuleIndex


def load_reference(folder: Path) -> Reference:
    """`register.yaml` and `regulations/*.yaml` of this folder. Raises `documents.DocumentError` with every fault."""
    register = registers.load_register(folder / "register.yaml")
    regulation_set = documents.load(folder / "regulations", RegulationSet, Crosscheck(register))
    return Reference(RegisterIndex(register), RuleIndex(regulation_set))
