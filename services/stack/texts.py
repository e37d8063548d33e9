"""What the stack's commands say to people, in Vietnamese and English."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.runtime.embedded.local_stack import StackState
from services.runtime.terminal import Language
from services.stack.check import Check
from services.stack.inspection import ServerHealth, Status
from services.stack.sections import doors, name_of, start_page

_TEXTS: dict[str, tuple[str, str]] = {
    "ready": ("Hệ thống đã sẵn sàng trong {home}.", "The stack is ready in {home}."),
    "foreground": ("Ctrl-C để dừng tất cả.", "Ctrl-C stops everything."),
    "detached": ("Xem: phoihop status · Dừng: phoihop down", "Look: phoihop status · Stop: phoihop down"),
    "stopped": ("Đã dừng.", "Stopped."),
    "nothing": ("Không có hệ thống nào chạy trong {home}.", "No local stack runs in {home}."),
    "running": ("Đã có một hệ thống đang chạy trong {home}.", "A local stack already runs in {home}."),
    "not_up": ("Hệ thống trong {home} không khởi động được.", "The stack in {home} did not come up."),
    "slow_stop": ("Hệ thống trong {home} chưa dừng kịp.", "The stack in {home} did not stop in time."),
    "pages": ("Trang", "Pages"),
    "code": (
        "Bắt đầu ở {start} · cấp mã vào: phoihop identity code --help",
        "Start at {start} · hand out a way in: phoihop identity code --help",
    ),
    "service": ("Dịch vụ", "Service"),
    "state": ("Tình trạng", "State"),
    "restarts": ("Khởi động lại", "Restarts"),
    "address": ("Địa chỉ", "Address"),
    "stream": ("Luồng", "Stream"),
    "messages": ("Thông điệp", "Messages"),
    "last": ("Số thứ tự cuối", "Last sequence"),
    "consumer": ("Bộ tiêu thụ", "Consumer"),
    "lag": ("Tồn đọng", "Lag"),
    "check": ("Kiểm tra", "Check"),
    "found": ("Hiện có", "Found"),
    "fix": ("Cách sửa", "Fix"),
    "summary": (
        "Lưu bền: {durability} · để riêng: {parked} · đĩa còn trống: {free} %",
        "Durability: {durability} · parked: {parked} · disk free: {free} %",
    ),
    "refused": ("Máy chủ đã từ chối: {refused}", "Refused by the bus: {refused}"),
    "relaxed": (
        "CẢNH BÁO: máy chủ xác nhận trước khi ghi đĩa; chỉ dùng để kiểm thử.",
        "WARNING: the server acknowledges before writing to disk; for tests only.",
    ),
    "scaled": (
        "CẢNH BÁO: mọi hạn tiếp nhận được rút còn 1/{factor:g}; chỉ dùng để trình diễn.",
        "WARNING: every acknowledgement time is cut to 1/{factor:g}; for demonstrations only.",
    ),
    "yes": ("sẵn sàng", "ready"),
    "no": ("chưa sẵn sàng", "not ready"),
}


def say(language: Language, key: str, **values: object) -> str:
    """One text in the reader's language."""
    return language.pick(*_TEXTS[key]).format(**values)


def state_view(state: StackState, language: Language) -> RenderableType:
    """Where everything is, right after the start."""
    table = _table(language, "service", "address")
    for process in state.processes:
        table.add_row(process.name, process.url or "127.0.0.1")
    pages = _table(language, "pages", "address")
    for role, address in doors(state).items():
        pages.add_row(name_of(role, language), address)
    return Group(table, "", pages, say(language, "code", start=start_page(state)))


def status_view(status: Status, language: Language) -> RenderableType:
    """`phoihop status` for people."""
    parts: list[RenderableType] = [_processes(status, language)]
    if status.streams:
        streams = _table(language, "stream", "messages", "last")
        for stream in status.streams:
            streams.add_row(stream.name, f"{stream.messages:,}", f"{stream.last_sequence:,}")
        parts.append(streams)
    if status.lag:
        lags = _table(language, "consumer", "lag")
        for name, lag in status.lag.items():
            lags.add_row(name, f"{lag:,}")
        parts.append(lags)
    free = status.disk.free_percent
    parts.append(Text(say(language, "summary", durability=status.durability, parked=status.parked, free=free)))
    if status.refused:
        counts = " · ".join(f"{kind} {count:,}" for kind, count in status.refused.items())
        parts.append(Text(say(language, "refused", refused=counts)))
    if status.durability == "relaxed":
        parts.append(Text(say(language, "relaxed"), style="bold red"))
    if status.time_scale < 1:
        parts.append(Text(say(language, "scaled", factor=1 / status.time_scale), style="bold yellow"))
    return Group(*parts)


def checks_view(checks: Iterable[Check], language: Language) -> RenderableType:
    """`phoihop doctor` for people."""
    table = _table(language, "check", "found", "fix")
    for check in checks:
        name = Text(f"{'✓' if check.ok else '✗'} {check.name}", style="green" if check.ok else "red")
        table.add_row(name, Text(check.detail), Text(check.fix))
    return table


def _processes(status: Status, language: Language) -> Table:
    table = _table(language, "service", "state", "restarts", "address")
    for name, server in (("nats", status.nats), ("postgres", status.postgres)):
        table.add_row(_server_name(name, server), _state(server.ok, language), str(server.restarts), server.address)
    for service in status.services:
        table.add_row(service.name, _state(service.ready, language), str(service.restarts), service.url or "")
    return table


def _server_name(name: str, server: ServerHealth) -> str:
    return f"{name} {server.version}" if server.version else name


def _state(ready: bool, language: Language) -> Text:  # noqa: FBT001 - the one thing shown
    return Text(say(language, "yes" if ready else "no"), style="green" if ready else "red")


def _table(language: Language, *columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(say(language, column), overflow="fold")
    return table
