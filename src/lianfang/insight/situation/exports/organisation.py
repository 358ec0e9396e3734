"""The organisation out: directory, register of responsibility, vacancies."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lianfang.registry.organisation import queries, wording
from lianfang.registry.organisation.queries import Member


def directory(area_path: str, as_of: datetime) -> tuple[list[str], Iterator[list[object]]]:
    headers = [_("Area"), pgettext("organisation", "Where"), _("Post"), _("Name"), _("Unit"), _("Phone")]
    found = queries.members(list(queries.directory(area_path, as_of)))
    rows = ([one.area, one.where, wording.post_words(one.post), one.name, one.unit, one.phone] for one in found)
    return headers, rows


def responsibility(area_path: str, as_of: datetime) -> tuple[list[str], Iterator[list[object]]]:
    headers = [_("Area"), pgettext("organisation", "Where"), _("Post"), _("Name"), _("Unit"), _("Since")]
    return headers, _lines(queries.register(area_path, as_of))


def _lines(found: Iterable[Member]) -> Iterator[list[object]]:
    for one in found:
        yield [one.area, one.where, wording.post_words(one.post), one.name, one.unit, one.since]


def vacancies(area_path: str, as_of: datetime) -> tuple[list[str], Iterator[list[object]]]:
    headers = [_("What is missing"), _("Area"), _("Vacant"), _("Since")]
    rows = (
        [str(wording.VACANCIES[one.kind]), one.area, one.what, one.since] for one in queries.vacancies(area_path, as_of)
    )
    return headers, rows
