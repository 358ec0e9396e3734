from django.urls import path

from lianfang.mandate.duties import views

app_name = "duties"
urlpatterns = [
    path("", views.gaps, name="gaps"),
    path("person/<uuid:uid>/", views.person, name="person"),
    path("excuse/<int:obligation>/", views.excuse, name="excuse"),
]
