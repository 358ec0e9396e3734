from django.db import migrations, models


class Migration(migrations.Migration):
    """Tries to log in are counted by all processes of the server, and go on being counted after it is started again.

    The table is unlogged: counting waits for no disk, and only a crash of the database itself empties it.
    """

    dependencies = [("accounts", "0003_invitations_resets_emergencies")]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL("ALTER TABLE accounts_attempt SET UNLOGGED", "ALTER TABLE accounts_attempt SET LOGGED"),
    ]
