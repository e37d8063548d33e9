"""Whose identities a command works on, and how what it asked for is answered in words where it cannot be done."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from services.runtime.terminal import Exit, Language, fail

if TYPE_CHECKING:
    from services.stack.identity.keeping import Keeping

T = TypeVar("T")

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Thư mục trạng thái / state folder (.phoihop).", show_default=False)
]


def keeping_of(home: Path | None) -> "Keeping":
    """The identities that the option names, else those of the settings."""
    from services.runtime.settings import RuntimeSettings
    from services.stack.identity.keeping import Keeping

    return Keeping((home or RuntimeSettings().home).absolute())


def answered(lang: Language, ask: Callable[[], T]) -> T:
    """What it answers, or in words why it does not."""
    from services.runtime.documents import DocumentError
    from services.stack.identity.keeping import BrokenBookError
    from services.stack.identity.membership import EnrolledAlreadyError, NotEnrolledError, UnknownPartyError
    from services.stack.identity.telling import NotReloadedError

    try:
        return ask()
    except EnrolledAlreadyError as error:
        what = lang.pick("Đã có khóa rồi.", "It has a key already.")
        fail(Exit.USAGE, what, str(error), "phoihop identity rotate")
    except NotEnrolledError as error:
        what = lang.pick("Chưa có khóa nào dưới tên này.", "There is no key under this name.")
        fail(Exit.USAGE, what, str(error), "phoihop identity list")
    except UnknownPartyError as error:
        fail(Exit.USAGE, lang.pick("Danh bạ không có.", "The register has no such party."), str(error))
    except (BrokenBookError, DocumentError) as error:
        fail(Exit.USAGE, lang.pick("Không đọc được dữ liệu.", "The data cannot be read."), str(error))
    except OSError as error:
        fail(Exit.USAGE, lang.pick("Không ghi được tệp.", "The file cannot be written."), str(error))
    except NotReloadedError as error:
        what = lang.pick("Máy chủ chưa nạp cấu hình mới.", "The server has not taken its accounts.")
        fail(Exit.CHECK_FAILED, what, str(error), "phoihop doctor")
