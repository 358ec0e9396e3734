"""The codes of the organisation in words, and the sentence of every rule that refuses."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from lianfang.registry.accounts.models import Role
from lianfang.registry.organisation.standing import Open

BODIES = {
    "leading_group": gettext_lazy("leading group"),
    "command_post": gettext_lazy("command post"),
    "office": pgettext_lazy("body", "office"),
    "working_group": gettext_lazy("working group"),
    "member_unit": gettext_lazy("member unit"),
}
POSTS = {
    "first_responsible": gettext_lazy("first responsible person"),
    "linked_leader": gettext_lazy("leader linked to the area"),
    "village_lead": gettext_lazy("village lead"),
    "grid_worker": pgettext_lazy("post", "grid worker"),
    "head": pgettext_lazy("post", "head"),
    "deputy": pgettext_lazy("post", "deputy"),
    "member": pgettext_lazy("post", "member"),
    "contact": pgettext_lazy("post", "contact"),
    "legal_representative": gettext_lazy("legal representative"),
    "locality": pgettext_lazy("responsible party", "locality"),
    "department": pgettext_lazy("responsible party", "department"),
    "unit": pgettext_lazy("responsible party", "unit"),
    "individual": pgettext_lazy("responsible party", "individual"),
}
VENUES = {
    "venue": pgettext_lazy("kind of place", "venue"),
    "unit": pgettext_lazy("kind of place", "unit"),
    "project": pgettext_lazy("kind of place", "project"),
}
VACANCIES = {
    "no_leading_group": gettext_lazy("Villages without a leading group"),
    "no_first_responsible": gettext_lazy("Areas without a first responsible person"),
    "no_head": gettext_lazy("Groups and offices without a head"),
    "no_contact": gettext_lazy("Member units without a contact"),
    "no_lead_unit": gettext_lazy("Working groups without a lead unit"),
    "no_grid_worker": gettext_lazy("Grids without a worker"),
    "party_missing": gettext_lazy("Responsibility not fixed"),
}
COVERED = {
    "no_leading_group": gettext_lazy("Villages with a leading group"),
    "no_first_responsible": gettext_lazy("Areas with a first responsible person"),
    "no_head": gettext_lazy("Groups and offices with a head"),
    "no_contact": gettext_lazy("Member units with a contact"),
    "no_lead_unit": gettext_lazy("Working groups with a lead unit"),
    "no_grid_worker": gettext_lazy("Grids with a worker"),
    "party_missing": gettext_lazy("Responsibility fixed"),
}
BODY_STATES = {
    "planned": ("due", pgettext_lazy("body", "to come")),
    "active": ("done", pgettext_lazy("body", "working")),
    "suspended": ("excused", pgettext_lazy("body", "suspended")),
    "merged": ("excused", pgettext_lazy("body", "merged")),
    "closed": ("excused", pgettext_lazy("body", "closed")),
}
TERM_STATES = {
    "proposed": ("due", pgettext_lazy("appointment", "proposed")),
    "effective": ("done", pgettext_lazy("appointment", "in effect")),
    "ended": ("excused", pgettext_lazy("appointment", "ended")),
    "declined": ("excused", pgettext_lazy("appointment", "declined")),
}
OPEN = {
    "posts": gettext_lazy("posts held"),
    "appointments": gettext_lazy("roles of accounts"),
    "bodies": gettext_lazy("groups, offices, units"),
    "bodies_below": gettext_lazy("groups and units below"),
    "groups_led": gettext_lazy("working groups led by it"),
    "venues": gettext_lazy("venues, units, projects"),
    "areas_below": gettext_lazy("areas below"),
    "persons": pgettext_lazy("still open", "persons"),
    "households": pgettext_lazy("still open", "households"),
    "groups": pgettext_lazy("still open", "joint-control groups"),
    "compounds": pgettext_lazy("still open", "compounds"),
    "tasks": gettext_lazy("persons under duties"),
}
DECISIONS = {
    "plan.activated": gettext_lazy("Plan put in force"),
    "body.established": gettext_lazy("Body set up"),
    "body.described": gettext_lazy("Duties of a body set"),
    "body.suspended": gettext_lazy("Body suspended"),
    "body.merged": gettext_lazy("Body merged"),
    "body.closed": gettext_lazy("Body closed"),
    "area.suspended": gettext_lazy("Area suspended"),
    "area.merged": gettext_lazy("Area merged"),
    "area.closed": gettext_lazy("Area closed"),
}


def post_words(post: str) -> str:
    """A post, or the role of an account in words."""
    if post.startswith("role:"):
        return str(Role(post.removeprefix("role:")).label)
    return str(POSTS[post])


def decision_words(action: str) -> str:
    """An act of command; one without words of its own is shown by its code, as the log has it."""
    return str(DECISIONS.get(action, action))


def refusal(rule: str, value: str) -> str:
    sentences = {
        "held_since_later": _("%(value)s holds the post since a later moment. Choose a day after that."),
        "no_such_post": _("There is no such post here. Choose one of the list."),
        "no_holder": _("No name is given. Enter who holds the post."),
        "not_proposed": _("This proposal was decided on already. Reload the page."),
        "not_in_effect": _("%(value)s does not hold the post at that moment. Check the day."),
        "body_twice": _("There is “%(value)s” already. Choose another name."),
        "leading_group_twice": _("The area has a leading group already. Suspend or merge that one first."),
        "not_active": _("“%(value)s” is not working any more. Choose another one."),
        "no_such_successor": _("“%(value)s” is not an area of the same level. Choose one of the list."),
        "venue_twice": _("There is “%(value)s” already. Choose another name."),
    }
    return sentences[rule] % {"value": value}


def still_open(found: Sequence[Open]) -> str:
    """What has to be handed over before the node can close."""
    parts = [f"{OPEN[one.kind]} {one.count}" for one in found]
    told = pgettext("between names", ", ").join(parts)
    return _("It cannot close yet. Still open: %(parts)s. Hand these over or end them first.") % {"parts": told}
