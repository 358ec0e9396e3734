from django.core.management.base import CommandParser
from django.utils import timezone

from lianfang.insight.situation.queries import figures
from lianfang.mandate.duties.actions import catch_up
from lianfang.registry.places.commands import LianfangCommand, area_option, iso, moment_option
from lianfang.registry.places.queries import is_exercise
from lianfang.web.wording import NOT_ESTABLISHED, number_words


class Command(LianfangCommand):
    help = "The figures of an area as of a moment; each counts the rows of a list."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", metavar="PATH", help="an area's code (default: everything)")
        parser.add_argument("--as-of", metavar="T", help="a moment, ISO 8601 (default: now)")

    def run(self, *, area: str | None, as_of: str | None, **_options) -> dict:
        place, moment = area_option(area, required=False), moment_option(as_of)
        catch_up(as_of=moment, now=timezone.now())
        found = figures(area_path=place.path if place else "", as_of=moment)
        return {
            "as_of": iso(moment),
            "area": place.path if place else "",
            "exercise": is_exercise(),
            "figures": {
                code: {
                    "value": one.value,
                    "numerator": one.numerator,
                    "denominator": one.denominator,
                    "label": one.label,
                }
                for code, one in found.items()
            },
        }

    def said(self, result: dict) -> list[str]:
        lines = [result["as_of"]]
        for code, one in result["figures"].items():
            value = NOT_ESTABLISHED if one["value"] is None else number_words(one["value"])
            base = "" if one["denominator"] is None else f"  ({one['numerator']}/{one['denominator']})"
            lines.append(f"{one['label']}  {value}{base}  [{code}]")
        return lines
