"""Looking somebody up: every way to search, from the county, a town and a village, through the whole page."""

from bench.county import County
from bench.harness import Result, page
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import numbers_of

TITLE = "Person search"
_SAMPLE = 12


def measure(county: County) -> list[Result]:
    step = max(1, county.persons // _SAMPLE)
    people = list(Person.objects.filter(pk__in=range(1, county.persons + 1, step)).select_related("household"))
    numbers = numbers_of([person.uid for person in people], in_full=True)
    ways = {
        "name": [person.name for person in people],
        "given name": [person.name[1:] for person in people],
        "surname": [person.name[:1] for person in people],
        "full pinyin": [person.pinyin.replace(" ", "") for person in people],
        "pinyin initials": [person.initials for person in people],
        "document": [numbers[person.uid].document for person in people],
        "phone": [numbers[person.uid].phones[0] for person in people],
        "last four digits": [numbers[person.uid].phones[0][-4:] for person in people],
        "door": [person.household.door for person in people],
    }
    village = county.villages[len(county.villages) // 2]
    found = []
    for what, texts in ways.items():
        urls = [f"/people/?q={text}" for text in texts]
        found += page(county, f"{what}, in the county", "county_officer", county.path, urls, limit=100)[:1]
        found += page(county, f"{what}, in a village", "village_head", village, urls, limit=100, times=20)[:1]
    mixed = [f"/people/?q={texts[place % len(texts)]}" for place in range(_SAMPLE) for texts in ways.values()]
    return [*page(county, "all ways mixed", "county_officer", county.path, mixed, limit=100, times=120), *found]
