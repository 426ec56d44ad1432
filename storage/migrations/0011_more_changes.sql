-- More can happen to a tip: it is given to a colleague, gets more time, climbs when its clock ran out, its
-- reporter confirms a closure or opens the tip again, and it gets new keys.
CREATE TABLE change_now (
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN (
    'status', 'claim', 'release', 'stop', 'move', 'assign', 'extend', 'escalate', 'confirm', 'reopen', 'rekey'
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
  tip_id, version, kind, status, officer, day, part_id, signature, from_centre, to_centre
)
  SELECT tip_id, version, kind, status, officer, day, part_id, signature, from_centre, to_centre
  FROM change;
DROP TABLE change;
ALTER TABLE change_now RENAME TO change;
