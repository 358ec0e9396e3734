"""Times, spans and numbers in words, in the language of the reader. No clock is read here."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

WEEKDAYS = [
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
]
MONTHS = [
    pgettext_lazy("month", "Jan"),
    pgettext_lazy("month", "Feb"),
    pgettext_lazy("month", "Mar"),
    pgettext_lazy("month", "Apr"),
    pgettext_lazy("month", "May"),
    pgettext_lazy("month", "Jun"),
    pgettext_lazy("month", "Jul"),
    pgettext_lazy("month", "Aug"),
    pgettext_lazy("month", "Sep"),
    pgettext_lazy("month", "Oct"),
    pgettext_lazy("month", "Nov"),
    pgettext_lazy("month", "Dec"),
]
NOT_ESTABLISHED = gettext_lazy("not established")
NOTHING_DUE = gettext_lazy("nothing due")

HOUR = 60
DAY = 24 * HOUR


def day_words(day: date, *, year: bool = False) -> str:
    """2月8日（周六） / Sat 8 Feb; with the year where the reader could mistake it."""
    parts = {
        "year": day.year,
        "month": MONTHS[day.month - 1],
        "day": day.day,
        "weekday": WEEKDAYS[day.weekday()],
    }
    if year:
        return _("%(weekday)s %(day)d %(month)s %(year)d") % parts
    return _("%(weekday)s %(day)d %(month)s") % parts


def when_words(moment: datetime | date, as_of: datetime | date | None = None) -> str:
    """Day and clock time in the deployment's zone; a bare date has no clock time."""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    reference = timezone.localtime(as_of) if isinstance(as_of, datetime) else as_of
    words = day_words(local, year=reference is None or reference.year != local.year)
    if isinstance(local, datetime):
        return _("%(day)s %(time)s") % {"day": words, "time": local.strftime("%H:%M")}
    return words


def span_words(minutes: int) -> str:
    """35 分钟 · 2 小时 30 分 · 3 天 4 小时; always the two largest units."""
    minutes = abs(int(minutes))
    days, rest = divmod(minutes, DAY)
    hours, left = divmod(rest, HOUR)
    if days and hours:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if days:
        return _("%(days)d d") % {"days": days}
    if hours and left:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": left}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": left}


def distance_words(moment: datetime, as_of: datetime, *, due: bool) -> str:
    """How far the moment is from as_of; due: the moment is a deadline, else something that happened."""
    minutes = int((moment - as_of) / timedelta(minutes=1))
    past = moment < as_of
    span = {"span": span_words(minutes)}
    if due:
        return (_("%(span)s overdue") if past else _("%(span)s left")) % span
    if minutes == 0:
        return _("just now")
    return (_("%(span)s ago") if past else _("in %(span)s")) % span


def number_words(value: object) -> str:
    """2,121; anything that is not a number comes back as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    return f"{value:,}"


def share_words(done: int, due: int | None) -> str:
    """96.2%; no percentage of nothing, nor of an unknown base (None). Never rounds the unfinished up to 100%."""
    if due is None:
        return str(NOT_ESTABLISHED)
    if not due:
        return str(NOTHING_DUE)
    tenths = (Decimal(done) * 1000 / Decimal(due)).to_integral()
    if done < due:
        tenths = min(tenths, Decimal(999))
    return f"{tenths / 10:.1f}%"


# The order matters: most name themselves beside those whose engine they use.
_BROWSERS = {
    "MicroMessenger": "WeChat",
    "DingTalk": "DingTalk",
    "HuaweiBrowser": "Huawei Browser",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "HarmonyOS": "HarmonyOS",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def device_words(user_agent: str) -> str:
    """Browser and system by the names that people know; anything else keeps its first words."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return " · ".join(filter(None, [browser, system])) or user_agent[:40]
