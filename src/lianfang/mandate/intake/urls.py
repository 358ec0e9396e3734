from django.urls import path

from lianfang.mandate.intake.views import lists as views
from lianfang.mandate.intake.views import mending

app_name = "intake"
urlpatterns = [
    path("", views.batches, name="list"),
    path("template/", views.template, name="template"),
    path("<uuid:uid>/", views.batch, name="batch"),
    path("<uuid:uid>/confirm/", views.confirm, name="confirm"),
    path("<uuid:uid>/whole/", views.whole, name="whole"),
    path("<uuid:uid>/drop/", views.drop, name="drop"),
    path("<uuid:uid>/corrections/", views.corrections, name="corrections"),
    path("<uuid:uid>/columns/", mending.columns_page, name="columns"),
    path("<uuid:uid>/undo-import/", mending.undo_import, name="undo_import"),
    path("<uuid:uid>/replace/", mending.replace, name="replace"),
    path("<uuid:uid>/rows/<int:row>/mend/", mending.mend, name="mend"),
    path("<uuid:uid>/rows/<int:row>/decide/", views.decide, name="decide"),
    path("<uuid:uid>/rows/<int:row>/undo/", views.undo, name="undo"),
]
