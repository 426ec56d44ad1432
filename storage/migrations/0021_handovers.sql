-- What was handed over of a tip: to which body, in which form, and the SHA-256 of what was written,
-- with the sealed note that says why. It may leave on `open_day`; without one it waits for a second
-- officer.
CREATE TABLE handover (
  handover_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  body TEXT NOT NULL,
  form TEXT NOT NULL CHECK (form IN ('redacted', 'full')),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  reason_part_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  officer TEXT NOT NULL,
  day TEXT NOT NULL CHECK (length(day) = 10),
  signature BLOB NOT NULL,
  open_day TEXT CHECK (length(open_day) = 10),
  approved_by TEXT,
  approved_day TEXT CHECK (length(approved_day) = 10),
  approval BLOB
);
CREATE INDEX handover_by_tip ON handover (tip_id, seq);
