"""What somebody declared follows the card."""

from collections.abc import Sequence

from lianfang.field.declarations.models import Declaration
from lianfang.registry.people.rules import FORGOTTEN

FOLLOW = [(Declaration, "person")]


def forget(*, people: Sequence[int]) -> None:
    """That one of the staff was asked and answered still counts for the unit; who it was does not stay."""
    Declaration.objects.filter(person__in=people).update(
        name=FORGOTTEN, document_sealed=None, phone_sealed=None, door="", origin_text=""
    )
