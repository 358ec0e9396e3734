from django.urls import path

from lianfang.insight.situation import views

app_name = "situation"
urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("export/<str:kind>/", views.export, name="export"),
]
