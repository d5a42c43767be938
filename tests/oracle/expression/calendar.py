"""The proleptic Gregorian calendar from year −9999 to 9999, and time zones (S6.18, S6.19)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

CYCLE_YEARS, CYCLE_DAYS = 400, 146_097
_EPOCH = date(1970, 1, 1).toordinal()
_ZONES = {name.lower(): name for name in available_timezones()}


def civil(days: int) -> tuple[int, int, int]:
    """Year, month, day of days since 1970: the calendar repeats every 400 years."""
    cycles, rest = divmod(days + _EPOCH - 1, CYCLE_DAYS)
    found = date.fromordinal(rest + 1)
    return found.year + cycles * CYCLE_YEARS, found.month, found.day


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970; ValueError when there is no such day."""
    cycles, rest = divmod(year - 1, CYCLE_YEARS)
    return date(rest + 1, month, day).toordinal() - _EPOCH + cycles * CYCLE_DAYS


def month_length(year: int, month: int) -> int:
    """28 to 31."""
    return next(day for day in (31, 30, 29, 28) if _is_day(year, month, day))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        days_of(year, month, day)
    except ValueError:
        return False
    return True


FIRST_DAY, LAST_DAY = days_of(-9999, 1, 1), days_of(9999, 12, 31)


def in_calendar(days: int) -> bool:
    """Is the day of the years −9999 to 9999?"""
    return FIRST_DAY <= days <= LAST_DAY


def weekday(days: int) -> int:
    """0 for Monday to 6 for Sunday."""
    return (days + 3) % 7


def iso_week(days: int) -> tuple[int, int]:
    """ISO year and week: those of the week's Thursday."""
    thursday = days - weekday(days) + 3
    year = civil(thursday)[0]
    return year, (thursday - days_of(year, 1, 1)) // 7 + 1


def zone(name: str) -> ZoneInfo | None:
    """The IANA zone of this name, in any case."""
    known = _ZONES.get(name.lower())
    return None if known is None else ZoneInfo(known)


def _moment(seconds: int) -> datetime:
    """Instants outside of the years 2 to 9998 are looked up at the nearest in them: no zone changes there."""
    epoch = datetime(1970, 1, 1)
    low, high = (datetime(2, 1, 1) - epoch), (datetime(9998, 12, 31) - epoch)
    return epoch + min(max(timedelta(seconds=max(min(seconds, 10**12), -(10**12))), low), high)


def offset_at(seconds: int, where: ZoneInfo) -> int:
    """Seconds east of UTC at an instant."""
    found = _moment(seconds).replace(tzinfo=UTC).astimezone(where).utcoffset()
    return int(found.total_seconds()) if found else 0


def offset_of_local(seconds: int, where: ZoneInfo) -> int:
    """Seconds east of UTC of a local reading: the first of two, the offset before a gap."""
    found = _moment(seconds).replace(tzinfo=where, fold=0).utcoffset()
    return int(found.total_seconds()) if found else 0
