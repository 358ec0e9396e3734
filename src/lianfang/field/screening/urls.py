from django.urls import path

from lianfang.field.screening import views

app_name = "screening"
urlpatterns = [
    path("", views.arrivals, name="list"),
    path("person/<uuid:uid>/", views.person, name="person"),
    path("person/<uuid:uid>/verify/", views.verify, name="verify"),
]
