"""The codes of the household ledger in words, and the sentence of every rule that refuses."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

RESIDENTS = {
    "permanent": pgettext_lazy("resident", "permanent"),
    "mobile": pgettext_lazy("resident", "mobile"),
    "special": pgettext_lazy("resident", "special care"),
}
VULNERABILITIES = {
    "elderly_alone": gettext_lazy("elderly, living alone"),
    "pregnant": gettext_lazy("pregnant or newly delivered"),
    "child_left_behind": gettext_lazy("child left behind"),
    "severe_illness": gettext_lazy("severely ill"),
    "chronic_illness": gettext_lazy("chronically ill"),
    "disabled": pgettext_lazy("vulnerability", "disabled"),
    "bedridden": gettext_lazy("bedridden"),
    "hardship": gettext_lazy("in hardship"),
}
GROUPS = {
    "ten_households": gettext_lazy("ten households"),
    "building": pgettext_lazy("group", "building"),
    "street_front": gettext_lazy("street front"),
    "dormitory_floor": gettext_lazy("dormitory floor"),
}
COMPOUNDS = {
    "managed": gettext_lazy("with property management"),
    "unmanaged": gettext_lazy("without property management"),
    "scattered": gettext_lazy("scattered houses"),
    "single_building": gettext_lazy("single building"),
}
SHOWS = {
    "": gettext_lazy("all households"),
    "no_grid": gettext_lazy("in no grid"),
    "no_group": gettext_lazy("in no group"),
    "vulnerable": gettext_lazy("with somebody vulnerable"),
    "unverified": gettext_lazy("never checked"),
    "stale": gettext_lazy("check too old"),
}
# (colour of the state, word)
FRESHNESS = {
    "unverified": ("due", pgettext_lazy("ledger entry", "not checked")),
    "verified": ("done", pgettext_lazy("ledger entry", "checked")),
    "reverified": ("done", pgettext_lazy("ledger entry", "checked again")),
    "stale": ("late", pgettext_lazy("ledger entry", "check too old")),
}
GRID_STATES = {
    "defined": ("overdue", pgettext_lazy("grid", "without a worker")),
    "staffed": ("due", pgettext_lazy("grid", "staffed, no household yet")),
    "active": ("done", pgettext_lazy("grid", "working")),
    "ended": ("excused", pgettext_lazy("grid", "ended")),
}
GROUP_STATES = {
    "forming": ("due", pgettext_lazy("joint-control group", "forming")),
    "active": ("done", pgettext_lazy("joint-control group", "working")),
    "dissolved": ("excused", pgettext_lazy("joint-control group", "dissolved")),
}
SORTS = {
    "grid": gettext_lazy("Grid"),
    "group": pgettext_lazy("joint-control", "Group"),
    "compound": gettext_lazy("Compound"),
}


def refusal(rule: str, value: str) -> str:
    """What does not fit, and what would."""
    sentences = {
        "no_such_grid": _("There is no such grid. Have it added to the list of areas first, then choose it."),
        "of_another_village": _("“%(value)s” belongs to another village. Choose households of one village only."),
        "moved_later": _("A later change is on record already. Reload the page and look at the history."),
        "group_dissolved": _("The group “%(value)s” is dissolved. Choose another one or form a new one."),
        "compound_closed": _("The compound “%(value)s” is closed. Choose another one."),
        "no_coordinator": _("No coordinator is named. Enter the name of the person who looks after the group."),
        "in_the_future": _("This moment has not come yet. Enter when the door was visited."),
        "no_door": _("“%(value)s” is not a door number. Enter it as people write it, for example 12."),
        "same_door": _("The household lives behind “%(value)s” already. Enter the new door number."),
        "nobody_here": _("Nobody lives behind “%(value)s” any more, so nobody can move."),
        "group_twice": _("There is a group of the name “%(value)s” already. Choose another name."),
        "compound_twice": _("There is a compound of the name “%(value)s” already. Choose another name."),
        "nothing_chosen": _("No household is chosen. Tick the households first, then choose where they belong."),
    }
    return sentences[rule] % {"value": value}
