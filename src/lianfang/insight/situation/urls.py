from django.urls import path

from lianfang.insight.situation import views

app_name = "situation"
urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/trend/", views.trend_part, name="trend"),
    path("export/<str:kind>/", views.export, name="export"),
]
