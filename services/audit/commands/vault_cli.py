"""`phoihop ledger personal parked | rotate-vault-key`: parses and prints; what is done is decided elsewhere."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from services.audit.commands.shared_cli import run, settings_of
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, local_date_time

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from services.audit.personal.parked import Retried, SealedAway
    from services.audit.personal.vault_keys import Retired
    from services.audit.settings import AuditSettings

    ResultT = TypeVar("ResultT")

commands = typer.Typer()
_HOUR: Final = 3600.0
_SAID: Final = {
    "bus": ("Không đọc được luồng.", "The streams cannot be read."),
    "key": ("Không dùng được khóa của kho.", "A key of the vault cannot be used."),
    "nothing": ("Không có gì niêm phong bị gác lại.", "Nothing that was sealed is parked."),
    "rotated": (
        "✓ Khóa mới của kho: {key}. Chép {public} sang máy chạy intake nếu ở máy khác.",
        "✓ The vault's new key: {key}. Copy {public} to intake's machine, if it is another one.",
    ),
    "then": (
        "Khóa cũ vẫn mở được những gì đang trên đường. Sau một giờ: rotate-vault-key --finish",
        "The old key still opens what is on its way. An hour from now: rotate-vault-key --finish",
    ),
}
_OPENS: Final = {
    "yes": ("mở được: --retry", "a key here opens it: --retry"),
    "other_key": ("niêm phong cho khóa khác: {key}", "sealed to another key: {key}"),
    "key_destroyed": ("khóa {key} đã hủy, không ai mở được nữa", "its key {key} is destroyed, nobody can open it"),
    "changed": ("đã bị sửa, hoặc niêm phong cho việc khác", "changed, or sealed for another purpose"),
}
_RETRIED: Final = {
    "values": ("đã trả lại luồng SEALED", "back in SEALED"),
    "submission": ("đã nộp lại vào INBOX", "handed in again to INBOX"),
    "kept": ("để nguyên", "left where it is"),
}
_FATES: Final = {
    "destroyed": ("đã hủy", "destroyed"),
    "still_sealed": ("giữ: còn tin niêm phong bằng khóa này", "kept: messages sealed with it are waiting"),
    "not_followed": ("giữ: chưa có gì đến bằng khóa mới", "kept: nothing sealed with the new key has arrived yet"),
    "recent": ("giữ: khóa mới vừa dùng, thử lại sau", "kept: the new key has only just come into use, try later"),
}


@commands.command()
def parked(
    retry: Annotated[bool, typer.Option("--retry", help="Giao lại / hand in again what opens")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Những gì đã niêm phong mà chưa nhận được, vì sao. / What was sealed and could not be taken, and why."""
    settings = settings_of(lang)
    found = _on_bus(lang, _sealed_away(settings, retry=retry))
    rows = [_row(one) | ({"retried": what.value} if what else {}) for one, what in found]
    lines = [_line(lang, one, what) for one, what in found] or [lang.pick(*_SAID["nothing"])]
    emit({"parked": rows}, as_json, lambda out: out.print(*lines, sep="\n", markup=False))


@commands.command("rotate-vault-key")
def rotate_vault_key(
    finish: Annotated[
        bool, typer.Option("--finish", help="Hủy khóa cũ khi không cần nữa / destroy old keys that can be spared")
    ] = False,
    grace: Annotated[
        float, typer.Option("--grace", min=0, help="Giây kể từ tin đầu tiên bằng khóa mới / seconds to wait")
    ] = _HOUR,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Đổi khóa của kho; khóa cũ hủy sau. / Change the vault's key; the old one is destroyed later, with --finish."""
    settings = settings_of(lang)
    if finish:
        gone = _on_bus(lang, _destroyed(settings, timedelta(seconds=grace)))
        told = [{"key": one.key_id.hex(), "outcome": one.fate.value} for one in gone]
        lines = [f"{one.key_id.hex()}  {lang.pick(*_FATES[one.fate.value])}" for one in gone]
        emit({"retired": told}, as_json, lambda out: out.print(*lines, sep="\n"))
        return
    key = _on_bus(lang, _rotated(settings))
    document = {"key": key, "public": str(settings.vault_public)}
    line = lang.pick(*_SAID["rotated"]).format(key=key, public=settings.vault_public)
    emit(document, as_json, lambda out: out.print(line, lang.pick(*_SAID["then"]), sep="\n", markup=False))


def _on_bus(lang: Language, work: "Coroutine[Any, Any, ResultT]") -> "ResultT":
    from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
    from services.runtime.publishing import InboxFullError
    from services.runtime.secret_files import UnusableSecretError

    try:
        return run(lang, work)
    except (BusUnavailableError, JetStreamRefusedError, InboxFullError) as error:
        fail(Exit.UNREACHABLE, lang.pick(*_SAID["bus"]), str(error), "phoihop doctor")
    except UnusableSecretError as error:
        fail(Exit.CHECK_FAILED, lang.pick(*_SAID["key"]), str(error))


async def _sealed_away(settings: "AuditSettings", *, retry: bool) -> "list[tuple[SealedAway, Retried | None]]":
    from services.audit.personal.keeping import custodian
    from services.audit.personal.parked import hand_in_again, sealed_away

    keys = settings.vault_keys()
    async with custodian(settings) as client:
        found = await sealed_away(client, keys)
        return [(one, await hand_in_again(client, keys, one) if retry else None) for one in found]


async def _rotated(settings: "AuditSettings") -> str:
    return settings.vault_keys().rotate().lock.key_id.hex()


async def _destroyed(settings: "AuditSettings", grace: timedelta) -> "list[Retired]":
    from services.audit.personal.keeping import custodian
    from services.audit.personal.parked import key_ids_in_use
    from services.runtime.clock import now

    async with custodian(settings) as client:
        return settings.vault_keys().destroy_retired(await key_ids_in_use(client), now(), grace)


def _row(one: "SealedAway") -> dict[str, object]:
    return {
        "stream": one.stream,
        "sequence": one.sequence,
        "at": one.at.isoformat(),
        "subject": one.subject,
        "kind": "submission" if one.is_submission else "values",
        "reason": one.reason,
        "key": one.key_id.hex(),
        "opens": one.opens.value,
    }


def _line(lang: Language, one: "SealedAway", what: "Retried | None") -> str:
    opens = lang.pick(*(_RETRIED[what.value] if what else _OPENS[one.opens.value])).format(key=one.key_id.hex())
    return f"{one.stream} #{one.sequence}  {local_date_time(one.at)}  {one.subject}\n    {one.reason}; {opens}"
