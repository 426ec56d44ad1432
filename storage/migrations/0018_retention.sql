-- Ended tips are destroyed one day: `expire_day` is drawn when a tip ends, and there is none while the
-- tip is open, or held because it may be needed longer (`is_held`).
ALTER TABLE tip ADD COLUMN expire_day TEXT CHECK (length(expire_day) = 10);
ALTER TABLE tip ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0 CHECK (is_held IN (0, 1));
CREATE INDEX tip_by_expiry ON tip (expire_day) WHERE expire_day IS NOT NULL;
CREATE INDEX tip_to_draw ON tip (expire_day)
  WHERE expire_day IS NULL AND is_held = 0 AND status IN ('closed', 'declined');
CREATE INDEX tip_by_hold ON tip (is_held) WHERE is_held = 1;
-- A queue shows both.
DROP INDEX tip_by_listing;
CREATE INDEX tip_by_listing ON tip (
  tip_id, centre, status, status_day, filed_day, version, claimed_by, no_contact, due_day, expire_day,
  is_held
);

-- What a rekey says has a table of its own: its bytes too must leave the files with the tip.
CREATE TABLE rekey (
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  version INTEGER NOT NULL,
  -- forgettable
  said BLOB NOT NULL,
  PRIMARY KEY (tip_id, version)
);
INSERT INTO rekey (tip_id, version, said)
  SELECT tip_id, version, rekey FROM change WHERE rekey IS NOT NULL;

CREATE TABLE change_now (
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN (
    'status', 'claim', 'release', 'stop', 'move', 'assign', 'extend', 'escalate', 'confirm', 'reopen',
    'rekey', 'hold', 'unhold'
  )),
  status TEXT,
  officer TEXT,
  day TEXT NOT NULL CHECK (length(day) = 10),
  part_id TEXT,
  signature BLOB,
  from_centre TEXT,
  to_centre TEXT,
  to_officer TEXT,
  until_day TEXT CHECK (length(until_day) = 10),
  PRIMARY KEY (tip_id, version)
);
INSERT INTO change_now (
  tip_id, version, kind, status, officer, day, part_id, signature, from_centre, to_centre, to_officer,
  until_day
)
  SELECT tip_id, version, kind, status, officer, day, part_id, signature, from_centre, to_centre,
    to_officer, until_day
  FROM change;
DROP TABLE change;
ALTER TABLE change_now RENAME TO change;

-- That a tip was destroyed, when, and what officers had signed that let it be: its ending, and the
-- lifting of its last hold. The audit trail says the same; nothing here says what the tip was about.
CREATE TABLE shredded (
  tip_id TEXT NOT NULL PRIMARY KEY,
  day TEXT NOT NULL CHECK (length(day) = 10)
);
CREATE TABLE shredded_change (
  tip_id TEXT NOT NULL REFERENCES shredded (tip_id),
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('status', 'unhold')),
  status TEXT,
  officer TEXT,
  day TEXT NOT NULL CHECK (length(day) = 10),
  part_id TEXT,
  signature BLOB,
  PRIMARY KEY (tip_id, version)
);
