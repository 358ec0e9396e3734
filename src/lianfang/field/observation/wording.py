"""Codes of records in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from lianfang.field.observation.models import Reading

GIVERS = {
    "self": pgettext_lazy("given by", "self"),
    "family": pgettext_lazy("given by", "family"),
    "worker": pgettext_lazy("given by", "worker"),
}
CHANNELS = {
    "phone": pgettext_lazy("channel", "phone"),
    "visit": pgettext_lazy("channel", "visit"),
    "message": pgettext_lazy("channel", "message"),
    "list": pgettext_lazy("channel", "list"),
    "link": pgettext_lazy("channel", "personal link"),
}
ASKED_CHANNELS = {code: CHANNELS[code] for code in ("phone", "visit", "message")}
SYMPTOMS = {
    "fever": pgettext_lazy("symptom", "feeling feverish"),
    "fatigue": pgettext_lazy("symptom", "fatigue"),
    "dry_cough": pgettext_lazy("symptom", "dry cough"),
    "cough": pgettext_lazy("symptom", "cough"),
    "shortness_of_breath": pgettext_lazy("symptom", "shortness of breath"),
    "sore_throat": pgettext_lazy("symptom", "sore throat"),
    "diarrhoea": pgettext_lazy("symptom", "diarrhoea"),
    "headache": pgettext_lazy("symptom", "headache"),
    "muscle_pain": pgettext_lazy("symptom", "muscle pain"),
    "other": pgettext_lazy("symptom", "other symptoms"),
}
NEEDS = {
    "food": pgettext_lazy("need", "food"),
    "medicine": pgettext_lazy("need", "medicine"),
    "care": pgettext_lazy("need", "medical care"),
    "other": pgettext_lazy("need", "something else"),
}
RECEIVERS = {
    "self": pgettext_lazy("received by", "self"),
    "guardian": pgettext_lazy("received by", "guardian"),
    "family": pgettext_lazy("received by", "family"),
}
CONTACTS = {"reached": gettext_lazy("reached"), "not_reached": gettext_lazy("not reached")}
OUTCOMES = {"served": gettext_lazy("served"), "refused": gettext_lazy("refused")}


def reading_words(reading: Reading) -> str:
    """What a reading says: 36.5 °C, cough and fatigue, called and reached."""
    if reading.kind == "temperature":
        return f"{reading.celsius} {_('°C')}"
    if reading.kind == "symptoms":
        told = [str(SYMPTOMS.get(code, code)) for code in reading.symptoms]
        return pgettext("between items", ", ").join(told) if told else _("no symptoms")
    if reading.reached is False:
        return _("call: not reached") if reading.kind == "call" else _("visit: nobody met")
    return _("called") if reading.kind == "call" else _("visited")
