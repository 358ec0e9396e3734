from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum (19 MiB, t=2, p=1): a login storm at shift change must not become an outage."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
