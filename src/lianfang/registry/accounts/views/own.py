"""One's own settings: profile, password, second step, where one is logged in, which posts one holds."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianfang.registry.accounts import actions, queries
from lianfang.registry.accounts.adapters import AccountAdapter
from lianfang.registry.accounts.forms import CodeOfInvitationForm, PasswordForm, ProfileForm
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.rules import Permission, needs_second_factor
from lianfang.registry.accounts.views.login import fresh_login
from lianfang.registry.accounts.views.showing import post_rows, role_table
from lianfang.registry.places.queries import asks_second_factor


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    account, now = request.user, timezone.now()
    known = {"display_name": account.display_name, "phone": account.phone}
    form = ProfileForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        actions.edit_profile(by=account.actor, at=now, account=account, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("accounts:own")
    scope = queries.scope_for(account)
    context = {
        "form": form,
        "posts": post_rows(account.appointments.order_by("until", "since"), now),
        "has_factor": queries.has_second_factor(account),
        "needs_factor": needs_second_factor(scope) and asks_second_factor(),
        "sessions": queries.sessions_of(account),
        "here": request.session.session_key,
        "administers": _administers(request),
    }
    return render(request, "accounts/own.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@fresh_login
@transaction.atomic
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session of the account ends."""
    form = PasswordForm(request.POST or None, account=request.user)
    if request.method == "POST" and form.is_valid():
        now, account = timezone.now(), request.user
        actions.set_password(by=account.actor, at=now, account=account, password=form.cleaned_data["new"])
        update_session_auth_hash(request, account)
        actions.end_sessions(by=account.actor, at=now, account=account)
        messages.success(request, _("The new password holds from now on; everywhere else you are logged out."))
        return redirect("accounts:own")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """Log out one's own account on another device."""
    ended = actions.end_sessions(by=request.user.actor, at=timezone.now(), account=request.user, only=number)
    if not ended:
        raise Http404
    messages.success(request, _("That session is ended."))
    return redirect("accounts:own")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, code: str = "") -> HttpResponse:
    """With the code of an invitation a person sets the password and is logged in; looking at it uses nothing up."""
    now = timezone.now()
    code = code or request.POST.get("code", "")
    found = queries.invitation_of(code, now) if code else None
    if found is None:
        form = CodeOfInvitationForm(request.POST or None)
        if code:
            form = CodeOfInvitationForm({"code": code})
            form.add_error("code", _("This code opens nothing: it was used, or it has expired. Ask for a new one."))
        return render(request, "accounts/invitation.html", {"form": form}, status=422 if code else 200)
    chosen = "new" in request.POST
    form = PasswordForm(request.POST if chosen else None, account=found.account)
    if chosen and form.is_valid():
        account = actions.accept_invitation(at=now, code=code, password=form.cleaned_data["new"])
        return _enter(request, account)
    posts = post_rows(found.account.appointments.in_force_or_later(now), now)
    context = {"form": form, "code": code, "invited": found.account, "posts": posts, "until": found.expires_at}
    return render(request, "accounts/accept.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, account: Account) -> HttpResponse:
    """Log in at once where a password is enough; who has a second step goes through it."""
    if queries.has_second_factor(account):
        return redirect("login")
    record_authentication(request, account, method="password")  # set a moment ago: it is not asked for again
    AccountAdapter(request).login(request, account)
    return redirect("home")


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Which role may do what: the file of roles, as a table."""
    return render(request, "accounts/roles.html", role_table() | {"administers": _administers(request)})


def _administers(request: HttpRequest) -> bool:
    return queries.scope_for(request.user).has(Permission.ADMINISTER)
