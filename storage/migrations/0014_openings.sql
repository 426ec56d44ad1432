-- Who opened what identifies: an export of a tip, or the original of one of its files, and which
-- sealed note says why. It is open on `open_day`; without one it waits for a second officer.
CREATE TABLE opening (
  opening_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  opens TEXT NOT NULL CHECK (opens IN ('export', 'original')),
  part_id TEXT CHECK ((part_id IS NULL) = (opens = 'export')),
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
CREATE INDEX opening_by_tip ON opening (tip_id, seq);
