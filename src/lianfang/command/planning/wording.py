"""Orders and what carries a clause, in words."""

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from lianfang.command.planning.queries import Traced
from lianfang.mandate.response.models import PlanOrder
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.science.plan import Carrier, Plan

ORDER_KINDS = {
    "activation": gettext_lazy("Put a plan in force"),
    "key_area": gettext_lazy("Add a key area"),
    "end": gettext_lazy("End a plan"),
}
DECISIONS = {
    "": pgettext_lazy("order", "waits for a second person"),
    "approved": pgettext_lazy("order", "approved"),
    "rejected": pgettext_lazy("order", "rejected"),
    "withdrawn": pgettext_lazy("order", "taken back"),
}
# Orders and notices that a clause may name: kind → words.
CARRYING_ORDERS = ORDER_KINDS | {
    "health": gettext_lazy("Health notice"),
    "home_observation": gettext_lazy("Notice of medical observation at home"),
}
# Lists and reports that a clause may name: code → words.
CARRYING_REPORTS = {
    "arrivals": gettext_lazy("Arrivals"),
    "persons": gettext_lazy("Persons"),
    "observations": gettext_lazy("People under observation"),
    "gaps": gettext_lazy("Outstanding list"),
}
CARRYING_PAGES = {
    "planning:list": gettext_lazy("Response plans"),
    "screening:list": gettext_lazy("Arrivals"),
    "people:list": gettext_lazy("People"),
    "observation:list": gettext_lazy("Under observation"),
    "duties:gaps": gettext_lazy("Outstanding list"),
    "reporting:list": gettext_lazy("Village zero reports"),
    "situation:overview": gettext_lazy("Overview"),
    "organisation:chart": gettext_lazy("Organisation"),
    "organisation:directory": gettext_lazy("Directory"),
    "organisation:vacancies": gettext_lazy("Vacancies"),
    "homes:list": gettext_lazy("Household ledger"),
    "homes:coverage": gettext_lazy("Grids and groups"),
    "homes:groups": gettext_lazy("Register of groups"),
    "observation:teams": gettext_lazy("Responsibility teams"),
    "observation:alerts": gettext_lazy("Alerts"),
    "observation:needs": gettext_lazy("Needs"),
    "observation:orders": gettext_lazy("Orders"),
    "observation:lost": gettext_lazy("Lost to follow-up"),
    "observation:callbacks": gettext_lazy("Call-backs"),
    "screening:tasks": gettext_lazy("People to look for"),
    "screening:unplaced": gettext_lazy("Waiting for a village"),
    "oversight:log": gettext_lazy("Audit log"),
    "oversight:reviews": gettext_lazy("Accesses and reviews"),
}


def refused(rule: str) -> str:
    """Why an order cannot be given, and what would make it possible."""
    words = {
        "historic_live": _(
            "This plan is a historic document: it can be activated in an exercise installation only. "
            "Choose a plan that is in force today."
        ),
        "no_basis": _("An order needs its legal basis. Name the decision or announcement, with number and date."),
        "no_second_person": _("Who proposed an order does not approve it: another person must."),
        "already_in_force": _(
            "A plan is in force in this area at that time already. End it first, or choose another day or area."
        ),
        "needs_order": _("A plan has been in force here before: its change is an order by two persons."),
        "decided": _("The order has been decided meanwhile."),
        "departs": _("The plan departs from the higher one. Tick each departure that the order answers for."),
        "not_in_force": _("No plan of this area is in force on that day, so none can be ended or changed."),
        "starts_in_the_past": _("An order cannot begin in the past."),
        "order_open": _("Another order for this area waits for its decision. Decide that first."),
        "key_area_listed": _("This key area is listed already."),
    }
    return words.get(rule, rule)


def order_words(order: PlanOrder) -> dict[str, str]:
    return {"kind": str(ORDER_KINDS[order.kind]), "decision": str(DECISIONS[order.decision])}


# Who reads a plan opens pages of figures; pages of people and these few ask for more.
_FIGURES_ONLY = {
    "planning:list", "reporting:list", "situation:overview", "organisation:chart", "organisation:vacancies",
    "homes:coverage", "homes:groups",
}  # fmt: skip
_OTHERWISE = {
    "oversight:log": Permission.AUDIT,
    "screening:unplaced": Permission.IMPORT,
    "screening:tasks": Permission.RECORD,
}


def may_open(scope: Scope) -> frozenset[str]:
    """Pages that carry clauses and that the reader's permissions open; the others are named without a link."""
    return frozenset(
        page
        for page in CARRYING_PAGES
        if page in _FIGURES_ONLY or scope.has(_OTHERWISE.get(page, Permission.SEE_PEOPLE))
    )


def carrier_words(carrier: Carrier, plan: Plan, query: dict[str, str], opens: frozenset[str]) -> dict[str, str]:
    """Kind, words and address of what carries a clause; an order of a kind has no page of its own."""
    language = get_language() or "zh-hans"
    if carrier.kind == "duty":
        url = f"{reverse('duties:gaps')}?{urlencode({**query, 'duty': carrier.name, 'state': 'due'})}"
        return {"kind": _("Duty"), "words": plan.duties[carrier.name].title.of(language), "url": url if query else ""}
    if carrier.kind == "page":
        url = f"{reverse(carrier.name)}?{urlencode(query)}" if query else reverse(carrier.name)
        words = str(CARRYING_PAGES[carrier.name])
        return {"kind": _("Page"), "words": words, "url": url if carrier.name in opens else ""}
    if carrier.kind == "report":
        url = f"{reverse('situation:export', args=[carrier.name])}?{urlencode(query)}" if query else ""
        return {"kind": _("Report"), "words": str(CARRYING_REPORTS[carrier.name]), "url": url}
    return {"kind": _("Order"), "words": str(CARRYING_ORDERS[carrier.name]), "url": ""}


def is_known(carrier: Carrier, plan: Plan) -> bool:
    """Whether what a clause names is there: a duty of the plan, a page with an address, a report, an order."""
    if carrier.kind == "page":
        try:
            reverse(carrier.name)
        except NoReverseMatch:
            return False
        return carrier.name in CARRYING_PAGES
    named = {"duty": plan.duties, "report": CARRYING_REPORTS, "order": CARRYING_ORDERS}
    return carrier.name in named[carrier.kind]


def clause_row(one: Traced, plan: Plan, query: dict[str, str], opens: frozenset[str]) -> dict:
    """A clause as a line: its carriers with addresses, its figures with the list behind each."""
    language = get_language() or "zh-hans"
    gap_url = ""
    if query and one.clause.duties:
        gap_url = f"{reverse('duties:gaps')}?{urlencode({**query, 'duty': one.clause.duties[0]})}"
    return {
        "id": one.clause.id,
        "title": one.clause.title.of(language),
        "carried": one.clause.carried,
        "carriers": [carrier_words(carrier, plan, query, opens) for carrier in one.clause.carried_by],
        "due": one.due,
        "done": one.done,
        "gap": one.gap,
        "gap_url": gap_url,
    }
