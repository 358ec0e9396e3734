"""What is wrong with a row of an organisation list, and how to put it right."""

from django.utils.translation import gettext as _

from lianfang.field.ledger.organisation.imports import RowFault
from lianfang.mandate.intake.wording import fault_message

_FROM_THE_INTAKE = ("no_name", "bad_date", "no_date", "date_without_year", "ambiguous_date", "cell_error")


def fault_words(fault: RowFault) -> str:
    told = {"value": fault.value}
    if fault.rule in _FROM_THE_INTAKE:
        return fault_message(fault.rule, {}, field=fault.field, value=fault.value)
    sentences = {
        "unknown_post": _("“%(value)s” is not a post of this body. Use one of the words of the template."),
        "unknown_area": _("“%(value)s” is not one area of this list. Write its full name or its code."),
        "unknown_grid": _("“%(value)s” is not a grid of the village. Use its name, or have it added first."),
        "no_body": _("The row names no body. Enter the group, the office or the unit."),
        "post_held_twice": _("The list names a second holder, %(value)s, from the same day on. Keep one of the rows."),
        "held_since_later": _("%(value)s holds the post since the same day or later. Correct the day or leave it out."),
    }
    return sentences[fault.rule] % told
