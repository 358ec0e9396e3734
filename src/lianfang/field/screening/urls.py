from django.urls import path

from lianfang.field.screening.views import arrivals, handovers

app_name = "screening"
urlpatterns = [
    path("", arrivals.arrivals, name="list"),
    path("person/<uuid:uid>/", arrivals.person, name="person"),
    path("person/<uuid:uid>/verify/", arrivals.verify, name="verify"),
    path("person/<uuid:uid>/hand-over/", handovers.hand_over, name="hand_over"),
    path("handovers/", handovers.handovers, name="handovers"),
    path("handovers/<uuid:uid>/", handovers.offer, name="handover"),
]
