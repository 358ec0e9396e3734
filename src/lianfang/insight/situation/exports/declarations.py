"""The ledger of staff declarations out, in the headings that its importer knows, with the state beside them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from lianfang.field.declarations import queries
from lianfang.field.declarations.forms import SHOWS
from lianfang.field.declarations.imports import FIELDS
from lianfang.registry.organisation.models import Body
from lianfang.registry.places.models import Area

_CHUNK = 2000


def headers() -> list[str]:
    chinese = (get_language() or "zh-hans").startswith("zh")
    told = [next((title for title in one.titles if title.isascii() != chinese), one.titles[0]) for one in FIELDS]
    return [*(title[:1].upper() + title[1:] for title in told), pgettext("of a declaration", "state")]


def rows(area_path: str, as_of: datetime, narrowed: dict[str, str], *, in_full: bool) -> Iterator[list[object]]:
    """The same rows in the same order as the page."""
    unit = Body.objects.get(uid=narrowed["unit"]) if narrowed.get("unit") else None
    found = queries.declarations(area_path=area_path, as_of=as_of, unit=unit, show=narrowed.get("show", ""))
    below = Area.objects.filter(path__startswith=area_path[:6], path__length__in=(9, 12))
    names = dict(below.values_list("path", "name"))
    words = dict(SHOWS) | {"requested": dict(SHOWS)["missing"]}
    source = found.iterator(_CHUNK)
    while chunk := list(islice(source, _CHUNK)):
        for one in queries.entries(chunk, in_full=in_full):
            row = one.row
            yield [
                row.unit.name,
                row.name,
                one.document,
                one.phone,
                row.cohabitants,
                names.get(row.village[:9], ""),
                names.get(row.village, ""),
                row.door,
                "" if row.travelled is None else _("yes") if row.travelled else _("no"),
                row.origin_text,
                row.returned_on,
                str(words[one.state]),
            ]
