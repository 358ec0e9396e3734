from django.urls import path

from lianfang.field.observation.views import people, today

app_name = "observation"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/households/<uuid:uid>/", today.household, name="household"),
    path("today/reached/", today.reached, name="reached"),
    path("needs/", people.need, name="need"),
    path("observations/", people.people, name="list"),
    path("people/<uuid:uid>/observation/", people.person, name="person"),
]
