"""Which forget-store keys are in use; every other key in that store is an orphan of a crash.

Reads across tables and owns none: a new column that names a key belongs in this query.
"""

from storage.port import Transaction


def in_use(t: Transaction) -> frozenset[str]:
    """The ids of all keys that a row still needs."""
    found = t.rows(
        "SELECT key_id FROM conversation UNION SELECT key_id FROM outbox WHERE key_id IS NOT NULL"
        " UNION SELECT key_id FROM original WHERE key_id IS NOT NULL"
        " UNION SELECT key_id FROM recall_key UNION SELECT key_id FROM notice"
        " UNION SELECT key_id FROM subscription UNION SELECT key_id FROM alert_record"
        " UNION SELECT key_id FROM alert_binding UNION SELECT key_id FROM alert_line"
    )
    return frozenset(key_id for (key_id,) in found)
