-- What the platforms' channels need: files still to be fetched, and which message became which part.
-- Every secret here lies under a key of the forget store, so what is left of a deleted row is noise.

-- An earlier try may have arrived; only a receipt is ever tried again then.
ALTER TABLE outbox ADD COLUMN is_unsure INTEGER NOT NULL DEFAULT 0 CHECK (is_unsure IN (0, 1));

-- A file that a platform still holds. The id is this job's own: no part ever carries it.
-- `not_before` (epoch seconds) dies with the row.
CREATE TABLE fetch (
  fetch_id TEXT NOT NULL PRIMARY KEY,
  conversation BLOB NOT NULL,
  attempts INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  expires_day TEXT NOT NULL CHECK (length(expires_day) = 10),
  secret BLOB NOT NULL
);
CREATE INDEX fetch_by_due ON fetch (not_before);
CREATE INDEX fetch_by_conversation ON fetch (conversation);

-- Which part a person's message became, for taking it back while the platform lets them. Found
-- only with the message in hand (`mark` is a keyed hash of it), gone with its key.
CREATE TABLE recall (
  mark BLOB NOT NULL PRIMARY KEY,
  key_id TEXT NOT NULL,
  secret BLOB NOT NULL
);
CREATE INDEX recall_by_key ON recall (key_id);

-- The keys of `recall`, each with its channel and its end, sealed under itself.
CREATE TABLE recall_key (
  key_id TEXT NOT NULL PRIMARY KEY,
  secret BLOB NOT NULL
);
