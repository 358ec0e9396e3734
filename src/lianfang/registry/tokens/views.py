"""Tokens for programmes: made for a post that is held, shown once, revoked."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.accounts.views.login import fresh_login
from lianfang.registry.accounts.views.showing import full_names, role_words
from lianfang.registry.tokens import actions
from lianfang.registry.tokens.forms import TokenForm
from lianfang.registry.tokens.queries import posts_for, tokens_for
from lianfang.registry.tokens.wording import refusal


@never_cache
@require_http_methods(["GET", "POST"])
@fresh_login
def tokens(request: HttpRequest) -> HttpResponse:
    """The key of a new token stands on the answer to the form and nowhere else."""
    now = timezone.now()
    form = TokenForm(request.POST or None, posts=_posts(request.user, now), today=timezone.localdate(now))
    key = ""
    if request.method == "POST" and form.is_valid():
        post = form.appointment()
        title, expires = form.cleaned_data["title"], form.expires_at()
        new = actions.NewToken(post.account, title, post.role, post.area_path, expires)
        try:
            _token, key = actions.make(by=request.user.actor, at=now, new=new)
        except actions.NotGrantable as refused:
            form.add_error(None, refusal(refused.rule))
    context = {
        "form": form,
        "key": key,
        "rows": _rows(request.user, now),
        "administers": scope_for(request.user).has(Permission.ADMINISTER),
        "as_of": now,
    }
    return render(request, "tokens/list.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, uid) -> HttpResponse:
    token = get_object_or_404(tokens_for(request.user), uid=uid)
    actions.revoke(by=request.user.actor, at=timezone.now(), token=token)
    messages.success(request, _("The token is revoked: it opens nothing any more."))
    return redirect("tokens:list")


def _posts(account: Account, now: datetime) -> dict[str, str]:
    """Key of the post → the post in words, with its holder where it is another's."""
    posts = posts_for(account, now)
    names = full_names({post.area_path for post in posts})
    return {
        str(post.pk): " · ".join(
            [
                *([post.account.display_name] if post.account_id != account.pk else []),
                role_words(post.role),
                names[post.area_path],
            ]
        )
        for post in posts
    }


def _rows(account: Account, now: datetime) -> list[dict]:
    found = list(tokens_for(account))
    names = full_names({token.area_path for token in found})
    return [
        {
            "token": token,
            "role": role_words(token.role),
            "area": names[token.area_path],
            "holder": token.account.display_name,
            "state": "revoked" if token.revoked_at else "ended" if token.expires_at <= now else "now",
        }
        for token in found
    ]
