from django.urls import path

from lianfang.mandate.orders import views

app_name = "orders"
urlpatterns = [
    path("person/<uuid:uid>/", views.person, name="person"),
    path("person/<uuid:uid>/issue/", views.issue_notice, name="issue"),
    path("person/<uuid:uid>/deliver/", views.deliver_notice, name="deliver"),
    path("<uuid:uid>/", views.notice, name="notice"),
    path("<uuid:uid>/file/", views.notice_file, name="file"),
    path("releases/<uuid:uid>/", views.certificate, name="certificate"),
    path("releases/<uuid:uid>/file/", views.certificate_file, name="certificate_file"),
]
