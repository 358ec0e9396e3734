"""Figures, over HTTP: each counts the rows of a list that can be asked for."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from lianfang.insight.situation.queries import figures
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.tokens.access import needs
from lianfang.registry.tokens.asking import AsOf, area_asked, moment_asked
from lianfang.web.reading import of_one_moment

router = Router(tags=["figures"])


class FigureOut(Schema):
    """`value` is null where it is not established; a percentage has numerator and denominator."""

    code: str
    label: str
    value: float | None
    numerator: int | None
    denominator: int | None


@router.get("/figures", auth=needs(Permission.SEE_FIGURES), response=list[FigureOut], summary=_("Figures of an area"))
@of_one_moment
def area_figures(request: HttpRequest, query: Query[AsOf]):
    path = area_asked(request, Permission.SEE_FIGURES, query.area)
    return [
        FigureOut(code=code, label=one.label, value=one.value, numerator=one.numerator, denominator=one.denominator)
        for code, one in figures(area_path=path, as_of=moment_asked(query.as_of)).items()
    ]
