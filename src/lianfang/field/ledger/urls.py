from django.urls import path

from lianfang.field.ledger import views

app_name = "ledger"
urlpatterns = [
    path("import/", views.organisation, name="organisation"),
    path("import/template/", views.template, name="template"),
]
