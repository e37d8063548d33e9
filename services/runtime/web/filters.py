"""How times, durations and numbers are written on pages: Việt Nam's clock, the reader's language."""

from datetime import datetime, timedelta
from typing import Final, cast

from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from services.runtime.terminal import VIETNAM

_DASH: Final = "–"
_STEP: Final = 1024


def install(environment: Environment) -> None:
    """Gives a template environment every filter of this module."""
    environment.filters |= {
        "time": _time,
        "minute": _minute,
        "moment": _moment,
        "day": _day,
        "iso": _iso,
        "ago": _ago,
        "duration": _duration,
        "countdown": countdown,
        "number": _number,
        "percent": _percent,
        "size": _size,
    }


def countdown(left: float | timedelta) -> str:
    """Minutes and seconds, hours in front where there are any; negative once it is over."""
    seconds = int(left.total_seconds() if isinstance(left, timedelta) else left)
    sign, seconds = ("−" if seconds < 0 else ""), abs(seconds)  # noqa: RUF001  # the sign of a number, as printed
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{sign}{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{sign}{minutes}:{seconds % 60:02}"


def _local(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)


def _time(moment: datetime | None) -> str:
    return _local(moment).strftime("%H:%M:%S") if moment else _DASH


def _minute(moment: datetime | None) -> str:
    return _local(moment).strftime("%H:%M") if moment else _DASH


def _moment(moment: datetime | None) -> str:
    return _local(moment).strftime("%d/%m/%Y %H:%M") if moment else _DASH


def _day(moment: datetime | None) -> str:
    return _local(moment).strftime("%d/%m/%Y") if moment else _DASH


def _iso(moment: datetime | None) -> str:
    """For `datetime` attributes and for scripts."""
    return _local(moment).isoformat(timespec="milliseconds") if moment else ""


@pass_context
def _ago(context: Context, moment: datetime | None) -> str:
    """Beside the page's own time, so that every line of one page agrees."""
    if moment is None:
        return _DASH
    written = format_timedelta(moment - context["now"], add_direction=True, threshold=1.5, locale=_locale(context))
    return str(written)


@pass_context
def _duration(context: Context, length: timedelta | float | None) -> str:
    """The largest unit that says enough."""
    if length is None:
        return _DASH
    whole = length if isinstance(length, timedelta) else timedelta(seconds=length)
    return str(format_timedelta(whole, threshold=2, locale=_locale(context)))


@pass_context
def _number(context: Context, number: float | None) -> str:
    return str(format_decimal(number, locale=_locale(context))) if number is not None else _DASH


@pass_context
def _percent(context: Context, share: float | None) -> str:
    return str(format_percent(share, locale=_locale(context))) if share is not None else _DASH


@pass_context
def _size(context: Context, count: float | None) -> str:
    """Of files and disks, in powers of 1024."""
    if count is None:
        return _DASH
    for unit in ("B", "KiB", "MiB"):
        if count < _STEP:
            return f"{format_decimal(round(count, 1), locale=_locale(context))} {unit}"
        count /= _STEP
    return f"{format_decimal(round(count, 1), locale=_locale(context))} GiB"


def _locale(context: Context) -> str:
    return cast("str", context["lang"])
