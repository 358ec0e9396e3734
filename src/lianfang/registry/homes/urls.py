from django.urls import path

from lianfang.registry.homes.views import coverage, ledger

app_name = "homes"
urlpatterns = [
    path("", ledger.ledger, name="list"),
    path("assign/", ledger.assign, name="assign"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("compounds/", coverage.register_compound, name="compounds"),
    path("compounds/<uuid:uid>/grid/", coverage.compound_grid, name="compound_grid"),
    path("groups/", coverage.groups, name="groups"),
    path("groups/<uuid:uid>/", coverage.group, name="group"),
    path("<uuid:uid>/", ledger.household, name="household"),
    path("<uuid:uid>/verify/", ledger.verify, name="verify"),
    path("<uuid:uid>/residents/", ledger.residents, name="residents"),
    path("<uuid:uid>/move/", ledger.move, name="move"),
]
