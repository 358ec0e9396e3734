import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_digits_of_kept_numbers"),
        ("screening", "0001_the_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(unique=True)),
                ("from_path", models.CharField(db_index=True, max_length=18)),
                ("to_path", models.CharField(db_index=True, max_length=18)),
                ("state", models.CharField(default="sent", max_length=10)),
                ("reason", models.CharField(max_length=300)),
                ("sent_at", models.DateTimeField()),
                ("sent_by", models.CharField(max_length=150)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decided_by", models.CharField(blank=True, max_length=150)),
                ("decision_reason", models.CharField(blank=True, max_length=300)),
                (
                    "follows",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="screening.handover",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="people.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("sent", "rejected"))),
                        fields=("person",),
                        name="screening_handover_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["sent", "accepted", "rejected", "rerouted", "withdrawn"])),
                        name="screening_handover_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_path", models.F("to_path")), _negated=True),
                        name="screening_handover_goes_elsewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="screening_handover_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by", ""), ("state", "sent")),
                            models.Q(
                                models.Q(("state", "sent"), _negated=True),
                                ("decided_at__isnull", False),
                                models.Q(("decided_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="screening_handover_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "rejected"), _negated=True),
                            models.Q(("decision_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="screening_handover_rejected_with_reason",
                    ),
                ],
            },
        ),
    ]
