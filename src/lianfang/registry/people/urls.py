from django.urls import path

from lianfang.registry.people import views

app_name = "people"
urlpatterns = [
    path("", views.people_list, name="list"),
    path("<uuid:uid>/", views.card, name="card"),
    path("<uuid:uid>/identify/", views.identify, name="identify"),
]
