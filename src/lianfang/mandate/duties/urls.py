from django.urls import path

from lianfang.mandate.duties import reminding, views

app_name = "duties"
urlpatterns = [
    path("", views.gaps, name="gaps"),
    path("person/<uuid:uid>/", views.person, name="person"),
    path("excuse/<int:obligation>/", views.excuse, name="excuse"),
    path("overdue/", reminding.overdue, name="overdue"),
    path("overdue/remind/", reminding.remind, name="remind"),
    path("overdue/reminded/", reminding.reminded, name="reminded"),
    path("excuse/decide/<int:number>/", reminding.decide_excuse, name="decide_excuse"),
]
