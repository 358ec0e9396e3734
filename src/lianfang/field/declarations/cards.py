"""What somebody declared follows the card."""

from lianfang.field.declarations.models import Declaration

FOLLOW = [(Declaration, "person")]
