"""What a view needs to know about requests made by htmx 4."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part of a page (its target is not the body)."""
    return request.headers.get("HX-Request-Type") == "partial"


def render_page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The whole page for a browser, only the fragment for htmx; caches keep the two apart."""
    template = fragment if wants_fragment(request) else page
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request-Type"])
    return response


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Leave for another page: htmx follows a plain redirect silently, so it is told in a header."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponse(status=302, headers={"Location": url})


def set_event(response: HttpResponse, name: str) -> HttpResponse:
    """Tell other parts of the page that something changed: hx-trigger="<name> from:body"."""
    response.headers["HX-Trigger"] = f'{{"{name}": {{"target": "body"}}}}'
    return response
