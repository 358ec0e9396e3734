"""The chart of an area at a moment, its bodies and the holders of their posts."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lianfang.registry.accounts.asking import Place, moment_of, place_of
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.organisation import actions, forms, queries, wording
from lianfang.registry.organisation.models import Body, Term
from lianfang.registry.organisation.rules import AREA_POSTS, BODY_POSTS, term_state
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import full_name
from lianfang.web.asked import whole_number
from lianfang.web.fragments import go_to

_GRID = 15


@require_GET
def chart(request: HttpRequest) -> HttpResponse:
    """Who commands and who is responsible in an area, today or on a past day."""
    place = place_of(request, Permission.SEE_FIGURES)
    return _chart(request, place, _moment(request))


def _moment(request: HttpRequest) -> datetime:
    """`?as_of=`, or the last minute of the day asked for; a day that has not ended is now."""
    form = forms.DayForm(request.GET)
    day = form.cleaned_data.get("day") if form.is_valid() else None
    if day is None:
        return moment_of(request)
    end = timezone.make_aware(datetime.combine(day, time(23, 59)))
    return min(end, timezone.now())


def _chart(request: HttpRequest, place: Place, as_of: datetime, status: int = 200, **bound: Any) -> HttpResponse:
    now, url = timezone.now(), reverse("organisation:chart")
    past = (now - as_of).total_seconds() > 60
    may_assign = not past and scope_for(request.user).allows(Permission.ASSIGN, place.path)
    nodes = queries.chart(place.path, as_of)
    bodies = [one.body for node in nodes for one in (node, *node.children)]
    filled = [one for one in queries.filled(place.path, as_of) if one.due]
    terms = queries.all_terms(place.path)
    context = {
        "place": place,
        "as_of": as_of,
        "past": past,
        "crumbs": place.crumbs(url, {}),
        "day_form": forms.DayForm(initial={"area": place.path, "day": timezone.localdate(as_of).isoformat()}),
        "filled": [
            {"label": wording.COVERED[one.kind], "one": one, "url": _vacancies(place, one.kind)} for one in filled
        ],
        "responsible": queries.responsible_of(terms, place.path, as_of),
        "holders": [_term(term, as_of) for term in terms if _shown(term, as_of)],
        "nodes": [_node(node) for node in nodes],
        "proposals": [_term(term, as_of) for term in queries.proposals(place.path)] if may_assign else [],
        "body_form": (bound.get("body") or forms.BodyForm(bodies=bodies)) if may_assign else None,
        "post_form": (bound.get("post") or forms.AppointForm(now=now, posts=_posts(place))) if may_assign else None,
        "may_import": scope_for(request.user).allows(Permission.IMPORT, place.path),
        "may_close": not past and scope_for(request.user).allows(Permission.ORDER, place.path[:-1]),
    }
    return render(request, "organisation/chart.html", context, status=status)


def _vacancies(place: Place, kind: str) -> str:
    return f"{reverse('organisation:vacancies')}?area={place.path}&kind={kind}"


def _posts(place: Place) -> Sequence[str]:
    return [post for post in AREA_POSTS if (post == "grid_worker") == (len(place.path) == _GRID)]


def _shown(term: Term, as_of: datetime) -> bool:
    return term.since is not None and term.since <= as_of


def _term(term: Term, as_of: datetime) -> dict[str, Any]:
    told = term_state(at=as_of, since=term.since, until=term.until, declined_at=term.declined_at)
    return {
        "term": term,
        "post": wording.POSTS[term.post],
        "state": wording.TERM_STATES[told],
        "effective": told == "effective",
        "where": term.body or term.venue,
    }


def _node(node: queries.Node) -> dict[str, Any]:
    return {
        "node": node,
        "kind": wording.BODIES[node.body.kind],
        "state": wording.BODY_STATES[node.state],
        "active": node.state == "active",
        "holders": [{"post": wording.POSTS[term.post], "term": term} for term in node.terms],
        "vacant": [wording.POSTS[post] for post in node.vacant],
        "children": [_node(child) for child in node.children],
    }


@require_POST
def establish(request: HttpRequest) -> HttpResponse:
    """Set up a leading group, an office, a working group, a member unit of the area."""
    place, now = place_of(request, Permission.ASSIGN), timezone.now()
    bodies = list(Body.objects.working(now).filter(area_path=place.path).order_by("position", "pk"))
    form = forms.BodyForm(request.POST, bodies=bodies)
    if form.is_valid():
        try:
            made = actions.establish(
                by=request.user.actor,
                at=now,
                area_path=place.path,
                kind=form.cleaned_data["kind"],
                name=form.cleaned_data["name"],
                parent=form.body("parent"),
                lead_unit=form.body("lead_unit"),
                duties=form.lines,
            )
        except actions.Unfit as fault:
            form.add_error("name", wording.refusal(fault.rule, fault.value))
        else:
            messages.success(request, _("%(name)s is set up. Name who leads it.") % {"name": made.name})
            return go_to(request, reverse("organisation:body", args=[made.uid]))
    return _chart(request, place, now, status=422, body=form)


@require_POST
def appoint(request: HttpRequest) -> HttpResponse:
    """A post of the area itself: its first responsible person, the leader linked to it, its grid worker."""
    place, now = place_of(request, Permission.ASSIGN), timezone.now()
    form = forms.AppointForm(request.POST, now=now, posts=_posts(place))
    if form.is_valid() and _appointed(request, form, now, place.path):
        return go_to(request, f"{reverse('organisation:chart')}?area={place.path}")
    return _chart(request, place, now, status=422, post=form)


def _appointed(
    request: HttpRequest, form: forms.AppointForm, now: datetime, area_path: str, body: Body | None = None
) -> bool:
    told = form.cleaned_data
    new = actions.NewTerm(
        area_path=area_path,
        post=told["post"],
        name=told["name"],
        since=form.moment,
        body=body,
        unit=told["unit"],
        phone=told["phone"],
        basis=told["basis"],
    )
    act = actions.propose if told.get("proposal") else actions.appoint
    try:
        act(by=request.user.actor, at=now, new=new)
    except actions.Unfit as fault:
        form.add_error(
            "since" if fault.rule == "held_since_later" else "post", wording.refusal(fault.rule, fault.value)
        )
        return False
    words = _("%(name)s is proposed.") if told.get("proposal") else _("%(name)s holds the post.")
    messages.success(request, words % {"name": told["name"]})
    return True


# --- one body ---------------------------------------------------------------------------------------------


@require_GET
def body(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _body(request, _found(request, uid, Permission.SEE_FIGURES), timezone.now())


def _found(request: HttpRequest, uid: UUID, permission: Permission) -> Body:
    found = get_object_or_404(Body.objects.select_related("parent", "lead_unit", "merged_into"), uid=uid)
    if not scope_for(request.user).allows(permission, found.area_path):
        raise PermissionDenied
    return found


def _body(request: HttpRequest, found: Body, now: datetime, status: int = 200, **bound: Any) -> HttpResponse:
    may = scope_for(request.user).allows(Permission.ASSIGN, found.area_path) and found.valid_to is None
    others = list(Body.objects.working(now).filter(area_path=found.area_path).exclude(pk=found.pk).order_by("position"))
    terms = list(found.terms.order_by("post", "-since", "-pk"))
    describe = bound.get("describe") or forms.DescribeForm(
        bodies=others,
        initial={
            "lead_unit": str(found.lead_unit.uid) if found.lead_unit else "",
            "duties": "\n".join(found.duties),
        },
    )
    post = bound.get("post") or forms.AppointForm(now=now, posts=BODY_POSTS[found.kind])
    context = {
        "body": found,
        "place": full_name(found.area_path),
        "kind": wording.BODIES[found.kind],
        "state": wording.BODY_STATES[queries.state_of(found, now)],
        "terms": [_term(term, now) for term in terms],
        "children": found.children.filter(valid_to=None).order_by("kind", "position"),
        "post_form": post if may and found.suspended_at is None else None,
        "describe_form": describe if may else None,
        "may": may,
        "into": [one for one in others if one.kind == found.kind or found.kind == "leading_group"],
        "as_of": now,
    }
    return render(request, "organisation/body.html", context, status=status)


@require_POST
def fill(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, now = _found(request, uid, Permission.ASSIGN), timezone.now()
    form = forms.AppointForm(request.POST, now=now, posts=BODY_POSTS[found.kind])
    if form.is_valid() and _appointed(request, form, now, found.area_path, found):
        return go_to(request, reverse("organisation:body", args=[found.uid]))
    return _body(request, found, now, status=422, post=form)


@require_POST
def describe(request: HttpRequest, uid: UUID) -> HttpResponse:
    found, now = _found(request, uid, Permission.ASSIGN), timezone.now()
    others = list(Body.objects.working(now).filter(area_path=found.area_path).exclude(pk=found.pk))
    form = forms.DescribeForm(request.POST, bodies=others)
    if not form.is_valid():
        return _body(request, found, now, status=422, describe=form)
    actions.describe(by=request.user.actor, at=now, body=found, lead_unit=form.body("lead_unit"), duties=form.lines)
    messages.success(request, _("What the group has to do is saved."))
    return go_to(request, reverse("organisation:body", args=[found.uid]))


@require_POST
def end_body(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Suspend, merge or close; a body with open posts or groups says what they are."""
    found, now, by = _found(request, uid, Permission.ASSIGN), timezone.now(), request.user.actor
    try:
        if request.POST.get("how") == "close":
            actions.close_body(by=by, at=now, body=found)
            messages.success(request, _("%(name)s is closed.") % {"name": found.name})
        else:
            into = Body.objects.filter(area_path=found.area_path, pk=whole_number(request.POST.get("into"))).first()
            actions.suspend_body(by=by, at=now, body=found, into=into)
            messages.success(request, _("%(name)s rests from now on.") % {"name": found.name})
    except actions.StillOpen as refused:
        messages.error(request, wording.still_open(refused.found))
    except actions.Unfit as fault:
        messages.error(request, wording.refusal(fault.rule, fault.value))
    return go_to(request, reverse("organisation:body", args=[found.uid]))


# --- holders and areas ------------------------------------------------------------------------------------


@require_POST
def change_term(request: HttpRequest, uid: UUID) -> HttpResponse:
    """End a term, confirm or decline a proposal, as of now."""
    term, now, by = get_object_or_404(Term, uid=uid), timezone.now(), request.user.actor
    if not scope_for(request.user).allows(Permission.ASSIGN, term.area_path):
        raise PermissionDenied
    try:
        match request.POST.get("how"):
            case "end":
                actions.end_term(by=by, at=now, term=term, until=now)
                messages.warning(request, _("The post of %(name)s is vacant now.") % {"name": term.name})
            case "confirm":
                actions.confirm(by=by, at=now, term=term, since=now)
                messages.success(request, _("%(name)s holds the post.") % {"name": term.name})
            case "decline":
                actions.decline(by=by, at=now, term=term)
                messages.success(request, _("The proposal is declined."))
    except actions.Unfit as fault:
        messages.error(request, wording.refusal(fault.rule, fault.value))
    if term.body_id:
        return go_to(request, reverse("organisation:body", args=[term.body.uid]))
    name = "venues" if term.venue_id else "chart"
    return go_to(request, f"{reverse(f'organisation:{name}')}?area={term.area_path}")


@require_POST
def close_area(request: HttpRequest) -> HttpResponse:
    """The area itself ends, by whoever orders above it; what is open there is named."""
    place, now = place_of(request, Permission.ORDER), timezone.now()
    if not scope_for(request.user).allows(Permission.ORDER, place.path[:-1]):
        raise PermissionDenied
    try:
        actions.close_area(by=request.user.actor, at=now, area=Area.objects.get(path=place.path))
        messages.success(request, _("%(name)s is closed.") % {"name": place.name})
    except actions.StillOpen as refused:
        messages.error(request, wording.still_open(refused.found))
    except actions.Unfit as fault:
        messages.error(request, wording.refusal(fault.rule, fault.value))
    return go_to(request, f"{reverse('organisation:chart')}?area={place.path}")
