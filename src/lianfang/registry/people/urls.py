from django.urls import path

from lianfang.registry.people.views import cards, numbers, pairs

app_name = "people"
urlpatterns = [
    path("", cards.people_list, name="list"),
    path("pairs/", pairs.pairs, name="pairs"),
    path("pairs/<uuid:uid>/<uuid:other>/", pairs.pair, name="pair"),
    path("<uuid:uid>/", cards.card, name="card"),
    path("<uuid:uid>/identify/", cards.identify, name="identify"),
    path("<uuid:uid>/other/", pairs.other_card, name="other"),
    path("<uuid:uid>/merges/<uuid:merge_uid>/undo/", pairs.undo, name="undo_merge"),
    path("<uuid:uid>/numbers/", numbers.numbers, name="numbers"),
    path("<uuid:uid>/numbers/document/", numbers.document, name="document"),
    path("<uuid:uid>/numbers/phone/", numbers.phone, name="phone"),
    path("<uuid:uid>/numbers/withdraw/", numbers.withdraw, name="withdraw_number"),
]
