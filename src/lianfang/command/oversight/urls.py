from django.urls import path

from lianfang.command.oversight.views import emergency, log

app_name = "oversight"
urlpatterns = [
    path("log/", log.log, name="log"),
    path("log/person/", log.about_person, name="about_person"),
    path("emergency/", emergency.ask, name="ask"),
    path("emergency/reviews/", emergency.reviews, name="reviews"),
    path("emergency/<uuid:uid>/", emergency.emergency, name="emergency"),
    path("emergency/<uuid:uid>/review/", emergency.review, name="review"),
]
