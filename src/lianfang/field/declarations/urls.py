from django.urls import path

from lianfang.field.declarations import views

app_name = "declarations"
urlpatterns = [
    path("", views.units, name="units"),
    path("<uuid:unit>/", views.ledger, name="ledger"),
    path("entry/<uuid:uid>/", views.entry, name="entry"),
    path("entry/<uuid:uid>/place/", views.place, name="place"),
]
