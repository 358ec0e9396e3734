from django.db import migrations


class Migration(migrations.Migration):
    """Rows from before the chain wait for the sealer like new ones."""

    dependencies = [("audit", "0002_the_chain")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO audit_unsealed (event) SELECT id FROM audit_event ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        )
    ]
