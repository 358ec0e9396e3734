"""The map of the API: composition only. Each operation declares its permission by `auth=needs(...)`."""

import json
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path as route
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from lianfang.field.declarations.api import router as declarations
from lianfang.field.observation.api import router as observation
from lianfang.field.screening.api import router as screening
from lianfang.insight.situation.api import router as situation
from lianfang.mandate.duties.api import router as duties
from lianfang.mandate.intake.api import router as intake
from lianfang.mandate.orders.api import router as orders
from lianfang.mandate.response.api import router as response
from lianfang.registry.accounts.rules import FILE
from lianfang.registry.people.api import router as people
from lianfang.registry.tokens.access import STATUSES, Problem, ProblemOut, fault, needs, no_token
from lianfang.registry.tokens.api import router as tokens
from lianfang.registry.tokens.wording import problem_words, validation_words

_PROBLEM = "application/problem+json"
_CONVERTER = re.compile(r"{[^}:]+:")
_WRITING_ONLY = ("conflict", "too_large")


class StrictParser(Parser):
    """JSON as the standard has it: NaN and Infinity are none, nor is what nests without end."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return json.loads(request.body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise Problem("bad_request") from None


def _no_number(name: str) -> None:
    raise ValueError(name)


class LianfangAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Every operation can be refused in the same ways: they stand in the document, in one shape."""
        told = super().get_openapi_schema(**options)
        told["components"]["schemas"] |= _schemas()
        declared = permissions()
        for path, operations in told["paths"].items():
            for method, operation in operations.items():
                operation["x-permission"] = declared[method.upper(), path]
                _name_shape(operation["responses"])
                for rule, status in STATUSES.items():
                    if method == "get" and rule in _WRITING_ONLY or status in operation["responses"]:
                        continue
                    operation["responses"][status] = _refusal(rule)
        return told


def _name_shape(responses: dict[int, Any]) -> None:
    for status, told in responses.items():
        if status >= 400 and "content" in told:
            told["content"] = {_PROBLEM: told["content"].popitem()[1]}


def _schemas() -> dict[str, Any]:
    made = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    return made.pop("$defs") | {"ProblemOut": made}


def _refusal(rule: str) -> dict[str, Any]:
    content = {_PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {"description": " ".join(problem_words(rule)), "content": content}


api = LianfangAPI(
    title="Lianfang",
    version="1",
    description=_(
        "The same acts as on the pages, for programmes. Every call carries a token: a role in an area, until a day. "
        "Whoever sends a record again under the same id stores nothing new and gets the same answer."
    ),
    docs_url=None,
    auth=needs(None),
    parser=StrictParser(),
    urls_namespace="api",
)
for _router in (tokens, people, response, duties, orders, intake, screening, declarations, observation, situation):
    api.add_router("", _router)


@api.exception_handler(Problem)
def _problem(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.answer()


@api.exception_handler(AuthenticationError)
def _unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return no_token().answer()


@api.exception_handler(Http404)
def _missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return Problem("not_found").answer()


@api.exception_handler(RequestDataTooBig)
def _large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return Problem("too_large").answer()


@api.exception_handler(HttpError)
def _unread(_request: HttpRequest, _error: HttpError) -> HttpResponse:
    return Problem("bad_request").answer()


@api.exception_handler(ValidationError)
def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return Problem("invalid", [_told(one) for one in error.errors]).answer()


def _told(one: dict[str, Any]) -> dict[str, str]:
    """Where in the call, what stood there, and what to do. The first part of the place is body or query."""
    name = ".".join(str(part) for part in one["loc"][1:] if part not in ("query", "data", "body")) or "body"
    given = one.get("input")
    value = given if isinstance(given, str | int | float | bool) else ""
    return fault(name, value, str(one["type"]), validation_words(str(one["type"]), name, value))


_TAGS = {
    "token": _("Token and areas"),
    "persons": _("Persons"),
    "plans": _("Plans"),
    "duties": _("Duties"),
    "notices": _("Notices"),
    "imports": _("Lists in"),
    "records": _("Records"),
    "arrivals": _("Arrivals"),
    "handovers": _("Hand-overs"),
    "declarations": _("Declarations"),
    "observation": _("Observation"),
    "figures": _("Figures"),
}


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation on one page, from the same document that programmes read."""
    told = api.get_openapi_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_shown(told, method, path, operation))
    refusals = [
        {"rule": rule, "status": status, "title": title, "remedy": remedy}
        for rule, status in STATUSES.items()
        for title, remedy in [problem_words(rule)]
    ]
    context = {"description": api.description, "address": request.build_absolute_uri(reverse("api:api-root"))}
    shown = [{"tag": _TAGS[tag], "operations": operations} for tag, operations in groups.items()]
    return render(request, "tokens/docs.html", context | {"groups": shown, "refusals": refusals})


def _shown(told: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()), {}).get("schema", {})
    body = told["components"]["schemas"].get(body.get("$ref", "").rsplit("/", 1)[-1], body)
    asked = operation["x-permission"]
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "permission": FILE.permissions[asked].of(get_language()) if asked else _("any token"),
        "fields": [*(one["name"] for one in operation["parameters"]), *body.get("properties", {})],
    }


def permissions() -> dict[tuple[str, str], str]:
    """(method, path) → the permission that the operation declares; empty where any token will do."""
    return {
        (method, _CONVERTER.sub("{", f"/api/v1{path}")): str(operation.auth_callbacks[0].permission or "")
        for bound in api._get_bound_routers()
        for path, view in bound.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


urlpatterns, _ninja, app_name = api.urls
for _pattern in urlpatterns:  # a token is asked for, never a session: the log-in page is no answer to a programme
    _pattern.callback.login_required = False
urlpatterns = [route("docs/", docs, name="docs"), *urlpatterns]
