"""Moments that people write, in an address or on a command line."""

import re
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

# An address turns the plus sign of a time zone into a space.
_LOST_PLUS = re.compile(r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:?\d\d)$")
_YEARS = (1900, 2200)  # beyond these neither zones nor the database's arithmetic can be trusted
_ONLY_A_DAY = re.compile(r"\d{4}-?\d\d-?\d\d")


class BadMoment(ValueError):
    """Words that name no moment; the message says what would."""


def read_moment(text: str) -> datetime:
    """An ISO 8601 date with its time; without a time zone it is the deployment's. A bare day is no moment."""
    told = _LOST_PLUS.sub(r"\1+\2", text.strip())
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        moment = None
    if moment is None or _ONLY_A_DAY.fullmatch(told) or not _YEARS[0] <= moment.year <= _YEARS[1]:
        words = _("%(text)s is not a moment. Write day and time, like 2020-02-09T14:30+08:00.")
        raise BadMoment(words % {"text": repr(text)})
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
