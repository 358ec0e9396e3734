"""The server of pages and API, as `lianfang serve` runs it."""

from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections
from waitress import create_server

from lianfang.registry.tokens import access

_KEPT_SECONDS = 600
_TOKEN_SECONDS = 1.0


def web_server(**options: Any) -> Any:
    """A waitress server. Each of its threads keeps its connection: to open one costs more than most calls."""
    access.remember(_TOKEN_SECONDS)
    connections.settings["default"] |= {"CONN_MAX_AGE": _KEPT_SECONDS, "CONN_HEALTH_CHECKS": True}
    return create_server(get_wsgi_application(), ident=None, **options)
