from django.db import migrations

_STAMP = """
CREATE TRIGGER response_activation_changed AFTER INSERT OR UPDATE OR DELETE ON response_activation
    FOR EACH STATEMENT EXECUTE FUNCTION places_new_stamp();
"""
_UNDO = "DROP TRIGGER response_activation_changed ON response_activation;"


class Migration(migrations.Migration):
    """A plan that comes into force or ends is seen at once by every server process."""

    dependencies = [("response", "0005_orders_before_were_carried_out_at_once"), ("places", "0004_what_pages_remember")]

    operations = [migrations.RunSQL(_STAMP, _UNDO)]
