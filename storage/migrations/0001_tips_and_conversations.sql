-- Ids are 16 random bytes in lowercase hex; days are ISO dates in Thailand, and nothing that
-- outlives a conversation carries a finer time. Officers are named by the hash of their key.

-- Marks (keyed hashes) of platform events already taken.
CREATE TABLE seen (
  mark BLOB NOT NULL PRIMARY KEY,
  day TEXT NOT NULL CHECK (length(day) = 10)
);
CREATE INDEX seen_by_day ON seen (day);

-- A running conversation; `conversation` is a keyed hash of channel and person.
CREATE TABLE conversation (
  conversation BLOB NOT NULL PRIMARY KEY,
  channel TEXT NOT NULL,
  key_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  touched_day TEXT NOT NULL CHECK (length(touched_day) = 10),
  -- forgettable
  state BLOB NOT NULL,
  contact BLOB
);
CREATE INDEX conversation_by_day ON conversation (touched_day);

-- What is still to be said. `not_before` (epoch seconds) dies with the row, at delivery.
CREATE TABLE outbox (
  outbox_id TEXT NOT NULL PRIMARY KEY,
  conversation BLOB NOT NULL,
  position INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'shown', 'dead')),
  attempts INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  expires_day TEXT NOT NULL CHECK (length(expires_day) = 10),
  key_id TEXT,
  -- forgettable
  intent TEXT NOT NULL,
  secret BLOB,
  UNIQUE (conversation, position)
);
CREATE INDEX outbox_by_due ON outbox (state, not_before);

-- Tips begun and not yet filed; nothing leads from here to a conversation.
CREATE TABLE open_tip (
  tip_id TEXT NOT NULL PRIMARY KEY,
  touched_day TEXT NOT NULL CHECK (length(touched_day) = 10)
);
CREATE INDEX open_tip_by_day ON open_tip (touched_day);

-- Sealed parts of tips, open and filed. A part without `sealed` is a tombstone.
CREATE TABLE part (
  part_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  hash BLOB NOT NULL,
  sealed_to TEXT NOT NULL CHECK (sealed_to IN ('case', 'reply')),
  author TEXT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL CHECK (length(day) = 10),
  size_class INTEGER NOT NULL,
  blob_id TEXT,
  officer TEXT,
  signature BLOB,
  -- forgettable
  sealed BLOB,
  UNIQUE (tip_id, seq)
);

-- Filed tips.
CREATE TABLE tip (
  tip_id TEXT NOT NULL PRIMARY KEY,
  locator BLOB NOT NULL UNIQUE,
  centre TEXT NOT NULL,
  status TEXT NOT NULL,
  status_day TEXT NOT NULL CHECK (length(status_day) = 10),
  filed_day TEXT NOT NULL CHECK (length(filed_day) = 10),
  version INTEGER NOT NULL,
  claimed_by TEXT,
  no_contact INTEGER NOT NULL CHECK (no_contact IN (0, 1)),
  receipt_grant_id TEXT NOT NULL,
  -- forgettable
  case_recipient BLOB NOT NULL,
  reply_recipient BLOB NOT NULL,
  receipt_grant BLOB NOT NULL
);

-- One officer's sealed way into one tip. `status` follows the tip's, so that a queue page is a
-- range of one index however many tips there are.
CREATE TABLE tip_grant (
  grant_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  officer TEXT NOT NULL,
  centre TEXT NOT NULL,
  released INTEGER NOT NULL CHECK (released IN (0, 1)),
  status TEXT NOT NULL,
  filed_day TEXT NOT NULL CHECK (length(filed_day) = 10),
  granted_by TEXT NOT NULL,
  signature BLOB,
  -- forgettable
  sealed BLOB NOT NULL,
  UNIQUE (tip_id, officer)
);
CREATE INDEX tip_grant_by_queue ON tip_grant (officer, released, status, filed_day, tip_id);

-- What happened to a tip; `version` is the version that the change made.
CREATE TABLE change (
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('status', 'claim', 'release', 'stop')),
  status TEXT,
  officer TEXT,
  day TEXT NOT NULL CHECK (length(day) = 10),
  part_id TEXT,
  signature BLOB,
  PRIMARY KEY (tip_id, version)
);

-- Member codes as stretched locators; the code itself is nowhere.
CREATE TABLE member_code (
  locator BLOB NOT NULL PRIMARY KEY,
  centre TEXT NOT NULL,
  is_duress INTEGER NOT NULL CHECK (is_duress IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  expires_day TEXT NOT NULL CHECK (length(expires_day) = 10)
);

-- Facts about the deployment itself, such as the highest roster version seen.
CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
