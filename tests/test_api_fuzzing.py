"""Random calls of every operation of the API: no fault of the server, no answer that its document does not describe.

The document is the one that is served, the application the whole WSGI application on PostgreSQL. In the ordinary run
each operation is called a few times with the same seed; `make soak` calls it many hundred times with new ones.
"""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import integers
from ninja import NinjaAPI
from ninja.constants import NOT_SET
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lianfang.api import api
from lianfang.field.observation.models import Alert, Need
from lianfang.mandate.duties.models import Obligation
from lianfang.mandate.intake.actions import refresh_statistics
from lianfang.mandate.intake.importing import recorders
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.models import Person
from lianfang.registry.tokens.actions import NewToken, make

EXAMPLES = int(os.environ.get("LIANFANG_FUZZING", "6"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]
COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
AT, BY = parse_datetime("2020-02-09T08:30:00+08:00"), Actor("test")
SOAKING = 100
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
OPERATIONS = [result.ok() for result in schema.get_all_operations()]


@pytest.fixture(autouse=True)
def _within_the_test():
    """The end of a request closes the connection, which here holds the test's transaction: as Django's own client."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def key(town, account):
    """The key of an office of the county, which may do most."""
    now = timezone.now()
    officer = account("county_officer", COUNTY)
    new = NewToken(officer, "fuzzing", "county_officer", COUNTY, now + timedelta(days=1), per_minute=60_000)
    return make(by=BY, at=now, new=new)[1]


@pytest.fixture
def known(town, key) -> dict[str, list]:
    """What is there: half of the calls are led to it, or they would meet nothing but 404."""
    refresh_statistics()  # of rows that no other transaction sees, the planner would never hear
    people = list(Person.objects.order_by("pk")[:16])
    told = [{"kind": "temperature", "value": 38.5}, {"kind": "need", "value": "food"}]
    at = {"at": AT.isoformat()}
    lines = [one | at | {"id": str(uuid4()), "person": str(person.uid)} for one in told for person in people]
    assert record_batch(by=BY, at=AT, lines=lines).stored == len(lines)
    return {
        "persons": [str(person.uid) for person in people],
        "imports": [str(town.uid)],
        "alerts": [str(uid) for uid in Alert.objects.values_list("uid", flat=True)],
        "needs": [str(uid) for uid in Need.objects.values_list("uid", flat=True)],
        "row": list(town.rows.filter(outcome="review").values_list("pk", flat=True)[:5]),
        "obligation": list(Obligation.objects.filter(area_path=VILLAGE).values_list("pk", flat=True)[:50]),
        "area": ["", COUNTY, TOWN, VILLAGE],
    }


def lead(case, known: dict[str, list], number: int) -> None:
    """Put what is there in place of what was made up."""
    places = case.path_parameters or {}
    whose = case.operation.path.removeprefix("/api/v1/").split("/")[0]
    for name in places:
        choices = known.get(whose if name == "uid" else name, ())
        if choices:
            places[name] = choices[number % len(choices)]
    for asked in (case.query, case.body):
        if isinstance(asked, dict) and isinstance(asked.get("area"), str):
            asked["area"] = known["area"][number % 4]
    if isinstance(case.body, dict) and isinstance(case.body.get("records"), list):
        for place, line in enumerate(case.body["records"]):
            if isinstance(line, dict):
                line |= {"person": known["persons"][place % 16], "kind": sorted(recorders())[(number + place) % 9]}
                line |= {"id": str(uuid4()), "at": AT.isoformat()} if number % 4 else {}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_random_calls(operation, key, known):
    @given(case=operation.as_strategy(), number=integers(0, 1000))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < SOAKING,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def calls(case, number):
        if number % 2:
            lead(case, known, number // 2)
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)

    calls()


def broken(answer, *, guarded=True):
    """An API of one operation that answers so, as a schema to call at random."""
    made = NinjaAPI(urls_namespace=uuid4().hex, auth=(lambda request: request.headers.get("Authorization")))
    made.get("/it", response={200: list[int], 401: dict}, auth=NOT_SET if guarded else None)(answer)
    told = made.get_openapi_schema(path_prefix="")
    told["components"]["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
    told["paths"]["/it"]["get"]["security"] = [{"Bearer": []}]
    patterns, _app, _namespace = made.urls
    return told, patterns[-1].callback


def raising(request):
    raise RuntimeError


@pytest.mark.parametrize(
    ("answer", "guarded"), [(raising, True), (lambda request: ["a"], True), (lambda request: [1], False)]
)
def test_the_checks_find_a_fault_a_drift_and_an_open_door(answer, guarded, rf):
    told, view = broken(answer, guarded=guarded)

    def application(environ, start_response):
        try:
            response = view(WSGIRequest(environ))
        except Exception:  # noqa: BLE001  as the server does
            response = HttpResponse(status=500)
        start_response(f"{response.status_code} -", list(response.items()))
        return [response.content]

    (operation,) = [one.ok() for one in schemathesis.openapi.from_dict(told).get_all_operations()]
    case = operation.Case(headers={"Authorization": "Bearer x"})
    with pytest.raises(FailureGroup):
        case.call_and_validate(app=application, checks=CHECKS)


def test_every_operation_is_called_at_random():
    """What is not in the document would never be tried."""
    served = {
        (method, path)
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    assert len(OPERATIONS) == len(served) > 20
