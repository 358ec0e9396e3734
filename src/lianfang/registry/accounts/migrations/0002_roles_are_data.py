from django.db import migrations, models


class Migration(migrations.Migration):
    """The column takes any role of data/roles.yaml: a new role needs no change of tables."""

    dependencies = [("accounts", "0001_the_tables")]

    operations = [
        migrations.AlterField(model_name="appointment", name="role", field=models.CharField(max_length=20)),
    ]
