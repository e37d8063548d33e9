"""Where each section of pages is reached: by which process of the stack, under which address. It opens nothing."""

from typing import Final

from contracts.access import SECTIONS, Role
from contracts.code_words import SECTIONS as SECTION_NAMES
from contracts.code_words import begun
from services.runtime.embedded.local_stack import StackState
from services.runtime.terminal import Language

PROCESSES: Final = {
    "field": "intake",
    "desk": "desk",
    "review": "review",
    "regulations": "regulations",
    "status": "console",
}
"""Section -> the process that serves it."""


def doors(state: StackState | None) -> dict[Role, str]:
    """Role -> address of its section: on one machine every process has a port of its own, behind a proxy none has."""
    urls = {process.name: process.url for process in state.processes if process.url} if state else {}
    return {role: f"{urls.get(PROCESSES[section], '')}/{section}" for role, section in SECTIONS.items()}


def start_page(state: StackState) -> str:
    """Where somebody begins who knows no address."""
    return next((f"{process.url}/" for process in state.processes if process.name == PROCESSES["status"]), "")


def name_of(role: Role, language: Language) -> str:
    """Whose section it is, in the reader's language."""
    return language.pick(*begun(SECTION_NAMES[role]))
