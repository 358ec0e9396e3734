from django.urls import path

from lianfang.registry.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.tokens, name="list"),
    path("<uuid:uid>/revoke/", views.revoke, name="revoke"),
]
