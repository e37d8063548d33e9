"""What a demonstration prints around its story: the start, the closing summary, how to go on."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from services.runtime.embedded.local_stack import StackState
from services.runtime.terminal import Language, emit
from services.stack.demo.closing import complaints, how_to_go_on, summary, worth_seeing
from services.stack.demo.invitations import Invitation, told
from services.stack.demo.names import Names
from services.stack.demo.scenario import Scenario
from services.stack.demo.stage import Result


@dataclass(frozen=True, slots=True)
class Screen:
    """Where and in which language it is told."""

    console: Console
    language: Language
    as_json: bool
    home: Path
    linger: bool

    def title(self, scenario: Scenario) -> None:
        """Before anything starts."""
        self.console.print(f"[bold]{self.language.pick(scenario.title_vi, scenario.title_en)}[/]")
        self.console.print(f"[dim]{self.language.pick(scenario.label_vi, scenario.label_en)}[/]")

    def started(self, part: str) -> None:
        """A part of the stack is there."""
        self.console.print(f"[dim]✓ {part}[/]")

    def ready(self, state: StackState, seconds: float) -> None:
        """The stack is up."""
        processes = ", ".join(process.name for process in state.processes)
        speed = f"{1 / state.time_scale:g}"
        self.console.print(
            self.language.pick(
                f"Sẵn sàng sau {seconds:.1f} giây: {processes}, mỗi thứ một tiến trình, ghi đĩa rồi mới xác nhận. "
                f"Giờ trong truyện và mọi hạn chạy nhanh gấp {speed}.\n",
                f"Ready after {seconds:.1f} s: {processes}, each a process of its own, on disk before it acknowledges. "
                f"The story's clock and every deadline run {speed} times as fast.\n",
            )
        )

    def invited(self, state: StackState, found: tuple[Invitation, ...], names: Names) -> None:
        """The pages can be opened."""
        for line in told(state, found, names, self.language):
            self.console.print(line)

    def finished(self, result: Result) -> None:
        """The story is over and checked."""
        played = result.played
        for line in summary(result.figures, played.verification, played.drill, self.language):
            self.console.print(line)
        for line in complaints(result.contradictions, self.language):
            self.console.print(line)
        if self.linger and (seen := worth_seeing(played.evidence.chronicle)):
            phoihop = "phoihop" if shutil.which("phoihop") else str(Path(sys.executable).with_name("phoihop"))
            for line in how_to_go_on(self.home, phoihop, seen, self.language):
                self.console.print(line)
        if self.as_json:
            emit(result.figures, as_json=True, render=lambda _: None)

    def kept(self) -> None:
        """Something went wrong: the logs are still there."""
        logs = self.home / "logs"
        self.console.print(self.language.pick(f"Nhật ký còn trong {logs}", f"The logs are kept in {logs}"))
