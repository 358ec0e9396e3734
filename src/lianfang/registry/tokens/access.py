"""The door of the API: who calls, by which token, how fast; and the one shape in which everything is refused.

An operation declares its permission where it stands, and is not reached without it:

    @router.get("/persons", auth=needs(Permission.SEE_PEOPLE))

Behind the door `request.user` is the token's account with the rights of the token alone, so that every guarded
query answers within them. No session is read and none is made.
"""

import json
import math
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from ninja import Schema
from ninja.security import HttpBearer

from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.tokens import actions
from lianfang.registry.tokens.models import Token
from lianfang.registry.tokens.queries import bearer
from lianfang.registry.tokens.rules import Pace
from lianfang.registry.tokens.wording import problem_words

_pace = Pace()
_LONGEST_VALUE = 200
_MOST_REMEMBERED = 10_000
STATUSES = {
    "no_token": 401,
    "not_permitted": 403,
    "not_found": 404,
    "bad_request": 400,
    "conflict": 409,
    "too_large": 413,
    "invalid": 422,
    "too_many": 429,
}


class FaultOut(Schema):
    """What is wrong with one field: its value, the rule, what to do."""

    field: str
    value: str
    rule: str
    remedy: str


class ProblemOut(Schema):
    """Why a call was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    rule: str
    remedy: str
    faults: list[FaultOut]


def fault(name: str, value: Any, rule: str, remedy: str) -> dict[str, str]:
    """A fault as it is sent; of a value that no text can hold, what can be held."""
    shown = str(value)[:_LONGEST_VALUE].encode("utf-8", "replace").decode()
    return {"field": name, "value": shown, "rule": rule, "remedy": remedy}


@dataclass
class Problem(Exception):
    """The call is refused by a rule; `faults` name fields where there are any."""

    rule: str
    faults: list[dict[str, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        return id(self)

    def answer(self) -> HttpResponse:
        title, remedy = problem_words(self.rule)
        status = STATUSES[self.rule]
        told = {"type": f"/api/v1/docs/#{self.rule}", "title": title, "status": status, "rule": self.rule}
        told |= {"remedy": remedy, "faults": self.faults} | self.more
        response = HttpResponse(json.dumps(told), status=status, content_type="application/problem+json")
        for name, value in self.headers.items():
            response.headers[name] = value
        return response


class Bearer(HttpBearer):
    """The declared permission of an operation, and its guard; None where any token in force will do.

    `logs` False where the operation leaves its own trace, in the transaction of what it writes.
    """

    def __init__(self, permission: Permission | None, *, logs: bool) -> None:
        super().__init__()
        self.permission, self.logs = permission, logs

    def __call__(self, request: HttpRequest) -> Any:
        _speak(request)
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        now = timezone.now()
        found = _known(token, now)
        if found is None:
            raise no_token()
        if wait := _pace.take(found.pk, found.per_minute, monotonic()):
            raise Problem("too_many", headers={"Retry-After": str(math.ceil(wait))})
        request.user = copy(found.account)
        if self.permission is not None and not scope_for(found.account).has(self.permission):
            raise Problem(
                "not_permitted", [fault("", self.permission, "not_permitted", problem_words("not_permitted")[1])]
            )
        actions.mark_used(at=now, token=found)
        if self.logs:
            match = request.resolver_match
            actions.log_call(at=now, token=found, operation=f"{request.method} {match.route if match else ''}"[:120])
        return found


class _Remembered:
    """Who a key belongs to, for a moment: a server asks the database once a second, not for every call.

    So what is revoked opens nothing after a second. Zero, as everywhere but in a server, asks each time.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._found: dict[str, tuple[float, Token | None]] = {}

    def __call__(self, key: str, now: datetime) -> Token | None:
        if not self.seconds:
            return bearer(key, now)
        moment = monotonic()
        asked, found = self._found.get(key, (-self.seconds, None))
        if moment - asked >= self.seconds:
            found = bearer(key, now)
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            self._found[key] = (moment, found)
        return found if found is not None and found.expires_at > now else None


_known = _Remembered()


def remember(seconds: float) -> None:
    """A server may ask once in so many seconds who a key belongs to."""
    _known.seconds = seconds


def needs(permission: Permission | None, *, logs: bool = True) -> Bearer:
    """`auth=needs(Permission.RECORD)`: what an operation asks of the token that calls it."""
    return Bearer(permission, logs=logs)


def no_token() -> Problem:
    return Problem("no_token", headers={"WWW-Authenticate": 'Bearer realm="Lianfang"'})


def _speak(request: HttpRequest) -> None:
    """Programmes have no cookie: they say in the header which language their people read."""
    asked = request.headers.get("Accept-Language", "")
    if asked and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        chosen = translation.get_language_from_request(request)
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
