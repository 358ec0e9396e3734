from django.urls import path

from lianfang.command.reporting import views

app_name = "reporting"
urlpatterns = [
    path("", views.reports, name="list"),
    path("today/", views.today, name="today"),
    path("submit/", views.submit, name="submit"),
]
