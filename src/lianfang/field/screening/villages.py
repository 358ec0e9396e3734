"""Village and township names of a list, resolved below the import's area."""

from lianfang.mandate.intake.rules.problems import Problem
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import full_name
from lianfang.science.identity.villages import match_place, nearest_names, normalise_place


class VillageFinder:
    """Finds a village's path; names repeat in lists, so each pair is resolved once."""

    def __init__(self, area_path: str) -> None:
        areas = Area.objects.under(area_path)
        self._villages = list(areas.reporting_units().order_by("path").values_list("path", "name"))
        towns = Area.objects.filter(kind="township", path__in={path[:9] for path, _name in self._villages})
        self._towns = list(towns.values_list("path", "name"))
        self._area = full_name(area_path)
        self._here = area_path if len(area_path) == 12 else ""
        self._found: dict[tuple[str, str], str | Problem] = {}
        self._inside: dict[str, list[tuple[str, str]]] = {}

    def find(self, township: str, village: str) -> str | Problem:
        """The path, or the problem: no village named, or none of that name below the area."""
        key = (township, village)
        if key not in self._found:
            self._found[key] = self._find(township, village)
        return self._found[key]

    def _find(self, township: str, village: str) -> str | Problem:
        if not village:
            return self._here or Problem("village", "", "no_village")
        choices = self._in_township(township)
        names = [name for _path, name in choices]
        found = match_place(village, names)
        paths = [path for path, name in choices if name == found]
        if len(paths) == 1:
            return paths[0]
        near = nearest_names(village, [name for _path, name in self._villages])
        return Problem("village", village, "unknown_village", {"nearest": "、".join(near), "area": self._area})

    def find_in_text(self, text: str) -> str:
        """The one village whose name stands in an address, the longest where one name holds another; "" for none."""
        if not text:
            return self._here
        plain = normalise_place(text)
        towns = [path for path, name in self._towns if _stem(name) in plain]
        found = [
            (len(stem), path)
            for path, name in self._villages
            if len(stem := normalise_place(name)) > 1 and stem in plain and (not towns or path[:9] in towns)
        ]
        longest = max((length for length, _path in found), default=0)
        best = [path for length, path in found if length == longest]
        return best[0] if len(best) == 1 else self._here

    def suggest(self, text: str) -> list[tuple[str, str]]:
        """(path, name) of villages whose names stand in the text or look most like it; the likeliest first."""
        plain = normalise_place(text)
        inside = [(path, name) for path, name in self._villages if normalise_place(name) in plain and plain]
        near = nearest_names(text, [name for _path, name in self._villages]) if text else []
        alike = [(path, name) for wanted in near for path, name in self._villages if name == wanted]
        return list(dict.fromkeys([*inside, *alike]))[:5]

    def all(self) -> list[tuple[str, str]]:
        return self._villages

    def _in_township(self, township: str) -> list[tuple[str, str]]:
        """The villages of the township that the row names; of a township not below the area, none."""
        if not township:
            return self._villages
        if township not in self._inside:
            stem = _stem(township)
            towns = {path for path, name in self._towns if name == township or _stem(name) == stem}
            self._inside[township] = [(path, name) for path, name in self._villages if path[:9] in towns]
        return self._inside[township]


def _stem(name: str) -> str:
    text = normalise_place(name)
    for kind in ("街道办事处", "街道", "镇", "乡"):
        if text.endswith(kind) and len(text) - len(kind) >= 2:
            return text[: -len(kind)]
    return text
