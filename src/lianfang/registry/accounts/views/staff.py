"""What administrators do: people, invitations, posts, sessions, second factors, vacancies, the installation."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.registry.accounts import actions, queries
from lianfang.registry.accounts.forms import InviteForm, PostForm, ReasonForm, StaffFilter
from lianfang.registry.accounts.models import Account, Appointment, FactorReset
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.accounts.views.login import fresh_login
from lianfang.registry.accounts.views.showing import full_names, post_rows, role_words
from lianfang.registry.places.actions import set_second_factor_optional
from lianfang.registry.places.queries import installation

PER_PAGE = 50


def _within(request: HttpRequest) -> tuple[str, ...]:
    paths = queries.scope_for(request.user).paths.get(Permission.ADMINISTER, ())
    if not paths:
        raise PermissionDenied
    return paths


def _worker(request: HttpRequest, number: int) -> Account:
    return get_object_or_404(queries.staff_of(_within(request)), pk=number)


def _whole(request: HttpRequest, number: int) -> Account:
    """An account that the administrator may open and close: no post of it reaches beyond their areas."""
    account = _worker(request, number)
    if account.pk == request.user.pk or not queries.wholly_within(account, _within(request), timezone.now()):
        raise PermissionDenied
    return account


@require_GET
def staff(request: HttpRequest) -> HttpResponse:
    within, now = _within(request), timezone.now()
    form = StaffFilter(request.GET or None)
    found = queries.staff_of(within)
    if form.is_bound and form.is_valid():
        text, role = form.cleaned_data["q"].strip(), form.cleaned_data["role"]
        found = found.filter(Q(display_name__icontains=text) | Q(username__icontains=text)) if text else found
        held = Appointment.objects.in_force_or_later(now).filter(account=OuterRef("pk"), role=role)
        found = found.filter(Exists(held)) if role else found
    page = Paginator(found.order_by("username"), PER_PAGE).get_page(request.GET.get("page"))
    accounts = [account.pk for account in page.object_list]
    posts: dict[int, list] = {}
    for row in post_rows(Appointment.objects.in_force_or_later(now).filter(account__in=accounts).order_by("pk"), now):
        posts.setdefault(row.appointment.account_id, []).append(row)
    resets = FactorReset.objects.filter(decided_at__isnull=True, account__in=queries.staff_of(within))
    context = {
        "form": form,
        "page": page,
        "rows": [(account, posts.get(account.pk, [])) for account in page.object_list],
        "resets": resets.select_related("account", "asked_by").order_by("asked_at"),
    }
    return render(request, "accounts/staff.html", context)


@require_http_methods(["GET", "POST"])
@fresh_login
def invite(request: HttpRequest) -> HttpResponse:
    within, now = _within(request), timezone.now()
    known = {"role": request.GET.get("role"), "area": request.GET.get("area")}
    form = InviteForm(request.POST or None, within=within, initial=known)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        account, code = actions.invite(
            by=request.user.actor,
            at=now,
            username=told["username"],
            display_name=told["display_name"],
            phone=told["phone"],
            post=form.post(now),
        )
        return _shown_once(request, account, code)
    context = {"form": form, "areas": queries.areas_to_choose(within)}
    return render(request, "accounts/invite.html", context, status=422 if form.errors else 200)


def _shown_once(request: HttpRequest, account: Account, code: str) -> HttpResponse:
    link = request.build_absolute_uri(f"/invitation/{code}/")
    context = {"invited": account, "code": code, "link": link, "holds": actions.INVITATION_HOLDS.days}
    return render(request, "accounts/invited.html", context)


@require_http_methods(["GET", "POST"])
def worker(request: HttpRequest, number: int) -> HttpResponse:
    """One account: its posts; POST gives another post."""
    account, within, now = _worker(request, number), _within(request), timezone.now()
    form = PostForm(request.POST or None, within=within)
    if request.method == "POST" and form.is_valid():
        return _give(request, account, form)
    own = account.pk == request.user.pk
    context = {
        "worker": account,
        "posts": post_rows(account.appointments.order_by("until", "since"), now),
        "within": within,
        "form": form,
        "areas": queries.areas_to_choose(within),
        "own": own,
        "whole": not own and queries.wholly_within(account, within, now),
        "sessions": queries.sessions_of(account),
        "has_factor": queries.has_second_factor(account),
        "reset": queries.open_factor_reset(account),
        "reason_form": ReasonForm(),
        "invitation": account.invitations.order_by("-made_at").first(),
        "now": now,
    }
    return render(request, "accounts/worker.html", context, status=422 if form.errors else 200)


@fresh_login
def _give(request: HttpRequest, account: Account, form: PostForm) -> HttpResponse:
    if account.pk == request.user.pk:
        raise PermissionDenied
    now = timezone.now()
    actions.give_post(by=request.user.actor, at=now, account=account, post=form.post(now))
    messages.success(request, _("The post is given."))
    return redirect("accounts:worker", account.pk)


@require_POST
@fresh_login
def end_post(request: HttpRequest, number: int) -> HttpResponse:
    found = get_object_or_404(Appointment, pk=number)
    if not found.area_path.startswith(_within(request)):
        return get_object_or_404(Appointment.objects.none())
    actions.end_post(by=request.user.actor, at=timezone.now(), appointment=found)
    messages.success(request, _("The post is ended; what was done in it stays."))
    return redirect("accounts:worker", found.account_id)


@require_POST
@fresh_login
def set_active(request: HttpRequest, number: int) -> HttpResponse:
    account, active = _whole(request, number), request.POST.get("active") == "yes"
    actions.set_active(by=request.user.actor, at=timezone.now(), account=account, active=active)
    told = _("The account is open again.") if active else _("The account is closed and logged out everywhere.")
    messages.success(request, told)
    return redirect("accounts:worker", account.pk)


@require_POST
@fresh_login
def invite_again(request: HttpRequest, number: int) -> HttpResponse:
    account = _whole(request, number)
    code = actions.renew_invitation(by=request.user.actor, at=timezone.now(), account=account)
    return _shown_once(request, account, code)


@require_POST
def end_sessions(request: HttpRequest, number: int) -> HttpResponse:
    account = _whole(request, number)
    ended = actions.end_sessions(by=request.user.actor, at=timezone.now(), account=account)
    messages.success(request, _("Sessions ended: %(ended)d.") % {"ended": ended})
    return redirect("accounts:worker", account.pk)


@require_POST
@fresh_login
def ask_factor_reset(request: HttpRequest, number: int) -> HttpResponse:
    account, form = _whole(request, number), ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the reason for which the second step is to be reset."))
    elif queries.open_factor_reset(account) is None:
        actions.ask_factor_reset(
            by=request.user, at=timezone.now(), account=account, reason=form.cleaned_data["reason"]
        )
        messages.success(request, _("Asked. Another administrator has to look at it before anything is reset."))
    return redirect("accounts:worker", account.pk)


@require_POST
@fresh_login
def decide_factor_reset(request: HttpRequest, number: int) -> HttpResponse:
    """The second look: by an administrator who neither asked nor is meant."""
    people = queries.staff_of(_within(request))
    reset = get_object_or_404(FactorReset, pk=number, decided_at__isnull=True, account__in=people)
    if request.user.pk in (reset.asked_by_id, reset.account_id):
        raise PermissionDenied
    granted = request.POST.get("granted") == "yes"
    actions.decide_factor_reset(by=request.user, at=timezone.now(), reset=reset, granted=granted)
    messages.success(request, _("The second step is reset.") if granted else _("The reset is refused."))
    return redirect("accounts:staff")


@require_GET
def vacancies(request: HttpRequest) -> HttpResponse:
    """Responsible posts that nobody holds, from the top down."""
    found = [one for path in _within(request) for one in queries.vacancies(path, timezone.now())]
    page = Paginator(found, PER_PAGE * 4).get_page(request.GET.get("page"))
    names = full_names({one.area_path for one in page.object_list})
    rows = [(names[one.area_path], one.area_path, role_words(one.role), one.role) for one in page.object_list]
    return render(request, "accounts/vacancies.html", {"page": page, "rows": rows})


@require_POST
@fresh_login
def second_factor_policy(request: HttpRequest) -> HttpResponse:
    """In an exercise a password may be enough; a live installation always asks for the second step."""
    _within(request)
    if not installation().exercise:
        raise PermissionDenied
    optional = request.POST.get("optional") == "yes"
    set_second_factor_optional(by=request.user.actor, at=timezone.now(), optional=optional)
    messages.success(request, _("The setting holds from now on."))
    return redirect("accounts:staff")
