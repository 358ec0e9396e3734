from django.urls import path

from lianfang.command.planning.views import orders, plans

app_name = "planning"
urlpatterns = [
    path("", plans.listed, name="list"),
    path("clauses/", plans.clauses, name="clauses"),
    path("upload/", plans.upload, name="upload"),
    path("propose/<str:kind>/", orders.propose, name="propose"),
    path("orders/<uuid:uid>/", orders.order, name="order"),
    path("orders/<uuid:uid>/count/", orders.count, name="count"),
    path("orders/<uuid:uid>/decide/<str:decision>/", orders.decide, name="decide"),
    path("orders/<uuid:uid>/people/<str:who>/", orders.people, name="people"),
    path("<slug:code>/", plans.plan, name="plan"),
]
