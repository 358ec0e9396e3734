from django.urls import path

from lianfang.registry.accounts.views import own, staff

app_name = "accounts"
urlpatterns = [
    path("settings/", own.own, name="own"),
    path("settings/password/", own.password, name="password"),
    path("settings/sessions/<int:number>/end/", own.end_session, name="end_session"),
    path("settings/roles/", own.roles, name="roles"),
    path("settings/staff/", staff.staff, name="staff"),
    path("settings/staff/invite/", staff.invite, name="invite"),
    path("settings/staff/<int:number>/", staff.worker, name="worker"),
    path("settings/staff/<int:number>/active/", staff.set_active, name="set_active"),
    path("settings/staff/<int:number>/invite/", staff.invite_again, name="invite_again"),
    path("settings/staff/<int:number>/sessions/end/", staff.end_sessions, name="end_sessions"),
    path("settings/staff/<int:number>/factor/", staff.ask_factor_reset, name="ask_factor_reset"),
    path("settings/factor-resets/<int:number>/", staff.decide_factor_reset, name="decide_factor_reset"),
    path("settings/posts/<int:number>/end/", staff.end_post, name="end_post"),
    path("settings/vacancies/", staff.vacancies, name="vacancies"),
    path("settings/second-factor/", staff.second_factor_policy, name="second_factor_policy"),
    path("invitation/", own.invitation, name="invitation"),
    path("invitation/<str:code>/", own.invitation, name="accept"),
]
