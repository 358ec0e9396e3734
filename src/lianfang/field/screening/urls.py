from django.urls import path

from lianfang.field.screening.views import arrivals, corrections, handovers, referrals

app_name = "screening"
urlpatterns = [
    path("", arrivals.arrivals, name="list"),
    path("person/<uuid:uid>/", arrivals.person, name="person"),
    path("person/<uuid:uid>/verify/", arrivals.verify, name="verify"),
    path("person/<uuid:uid>/hand-over/", handovers.hand_over, name="hand_over"),
    path("<uuid:arrival>/correct/", corrections.correct, name="correct"),
    path("to-look-for/", referrals.tasks, name="tasks"),
    path("to-look-for/unplaced/", referrals.unplaced, name="unplaced"),
    path("to-look-for/<uuid:uid>/tell/", referrals.tell, name="tell"),
    path("to-look-for/<uuid:uid>/place/", referrals.place, name="place"),
    path("lists/<uuid:uid>/progress/", referrals.progress, name="progress"),
    path("lists/<uuid:uid>/results/", referrals.results, name="results"),
    path("handovers/", handovers.handovers, name="handovers"),
    path("handovers/<uuid:uid>/", handovers.offer, name="handover"),
]
