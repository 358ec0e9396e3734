"""What every page shows around its content: the installation, the plan in force, where the account may go."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from lianfang.mandate.response.queries import nearest
from lianfang.registry.accounts.models import Role
from lianfang.registry.accounts.queries import roles_of, scope_for
from lianfang.registry.accounts.rules import Permission, Scope
from lianfang.registry.places.queries import full_name, installation

# By group of the menu: (URL name, words, icon, permission). The first five that somebody may open stand in the bar of a
# phone.
_PLACES = {
    "Every day": [
        ("observation:today", "Today", "checklist", Permission.RECORD),
        ("intake:list", "Import", "file-import", Permission.IMPORT),
        ("observation:list", "Under observation", "home-heart", Permission.SEE_PEOPLE),
        ("duties:gaps", "Outstanding", "alert-circle", Permission.SEE_PEOPLE),
        ("situation:overview", "Overview", "chart-bar", Permission.SEE_FIGURES),
    ],
    "Who is where": [
        ("screening:tasks", "People to look for", "user-search", Permission.RECORD),
        ("people:list", "People", "users", Permission.SEE_PEOPLE),
        ("homes:list", "Households", "home", Permission.SEE_PEOPLE),
    ],
    "Command": [
        ("organisation:chart", "Organisation", "hierarchy-2", Permission.ASSIGN),
        ("duties:overdue", "Overdue, reminders", "bell", Permission.ASSIGN),
        ("planning:list", "Plans", "gavel", Permission.SEE_FIGURES),
    ],
    "System": [
        ("accounts:staff", "Accounts", "user-cog", Permission.ADMINISTER),
        ("oversight:log", "Audit log", "history", Permission.AUDIT),
        ("oversight:ask", "Emergency access", "urgent", Permission.SEE_PEOPLE),
    ],
}


def workplace(request: HttpRequest) -> dict:
    """`installation`, `nav` and `account_line` of the base template; queried only where a template asks."""
    return {
        "installation": SimpleLazyObject(lambda: _installation(request)),
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "account_line": SimpleLazyObject(lambda: _account_line(request)),
    }


def _scope(request: HttpRequest) -> Scope:
    user = getattr(request, "user", None)
    return scope_for(user) if user is not None and user.is_authenticated else Scope()


def _installation(request: HttpRequest) -> dict:
    user = getattr(request, "user", None)
    made = user if hasattr(user, "reference_stamp") else installation()  # the account at work has read it along
    home = _scope(request).home
    activation = nearest(home, timezone.localdate()) if home else None
    return {
        "exercise": made is not None and bool(made.exercise),
        "second_factor_optional": made is not None and bool(made.second_factor_optional),
        "area": full_name(home) if home else "",
        "plan": activation.plan_version.plan.title.of(get_language() or "zh") if activation else None,
        "plan_url": reverse("planning:plan", args=[activation.plan_version.code])
        if activation and _scope(request).has(Permission.SEE_FIGURES)
        else "",
    }


def _nav(request: HttpRequest) -> list[dict]:
    scope = _scope(request)
    urls = {name: reverse(name) for places in _PLACES.values() for name, *_rest in places}
    words = {
        "Every day": pgettext("group of the menu", "Every day"),
        "Who is where": pgettext("group of the menu", "Who is where"),
        "Command": pgettext("group of the menu", "Command"),
        "System": pgettext("group of the menu", "System"),
        "Accounts": _("Accounts"),
        "Today": _("Today"),
        "People to look for": _("People to look for"),
        "People": _("People"),
        "Households": _("Households"),
        "Organisation": _("Organisation"),
        "Under observation": _("Under observation"),
        "Overdue, reminders": _("Overdue, reminders"),
        "Outstanding": _("Outstanding"),
        "Overview": _("Overview"),
        "Plans": _("Response plans"),
        "Import": _("Import"),
        "Audit log": _("Audit log"),
        "Emergency access": _("Emergency access"),
    }
    # A page below another has an entry of its own: only the nearest is where we are.
    here = max((url for url in urls.values() if request.path.startswith(url)), key=len, default="")
    return [
        {
            "url": urls[name],
            "group": words[group],
            "label": words[label],
            "icon": icon,
            "active": urls[name] == here,
        }
        for group, places in _PLACES.items()
        for name, label, icon, permission in places
        if scope.has(permission)
    ]


def _account_line(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    roles = "、".join(dict.fromkeys(str(Role(row.role).label) for row in roles_of(user)))
    return f"{user.display_name} · {roles}" if roles else user.display_name
