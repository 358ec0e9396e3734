from django.urls import path

from lianfang.field.observation.views import alerts, course, needs, paper, people, releasing, teams, today

app_name = "observation"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/households/<uuid:uid>/", today.household, name="household"),
    path("today/reached/", today.reached, name="reached"),
    path("today/paper/", paper.make, name="make_paper"),
    path("today/paper/<int:number>/", paper.show, name="paper"),
    path("today/paper/enter/", paper.enter, name="enter"),
    path("needs/", people.need, name="need"),
    path("observations/", people.people, name="list"),
    path("observations/alerts/", alerts.alerts, name="alerts"),
    path("observations/alerts/<uuid:uid>/", alerts.alert, name="alert"),
    path("observations/needs/", needs.needs, name="needs"),
    path("observations/needs/<uuid:uid>/met/", needs.met, name="met"),
    path("observations/teams/", teams.teams, name="teams"),
    path("observations/teams/<uuid:record>/", teams.member, name="member"),
    path("observations/release/", releasing.release, name="release"),
    path("observations/orders/", releasing.orders, name="orders"),
    path("observations/orders/<uuid:uid>/", releasing.decide_order, name="decide"),
    path("observations/lost/", releasing.lost_people, name="lost"),
    path("observations/callbacks/", releasing.callbacks, name="callbacks"),
    path("observations/callbacks/<int:callback>/", releasing.answer, name="answer"),
    path("people/<uuid:uid>/observation/", people.person, name="person"),
    path("people/<uuid:uid>/course/", course.course, name="course"),
]
