-- A tip can move from one centre to another: a change of a kind of its own, which names both.
CREATE TABLE change_now (
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  version INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('status', 'claim', 'release', 'stop', 'move')),
  status TEXT,
  officer TEXT,
  day TEXT NOT NULL CHECK (length(day) = 10),
  part_id TEXT,
  signature BLOB,
  from_centre TEXT,
  to_centre TEXT,
  PRIMARY KEY (tip_id, version)
);
INSERT INTO change_now (tip_id, version, kind, status, officer, day, part_id, signature)
  SELECT tip_id, version, kind, status, officer, day, part_id, signature FROM change;
DROP TABLE change;
ALTER TABLE change_now RENAME TO change;

-- A personal grant is its officer's own, wherever they work; the others go with the centre. Until now
-- every grant that an officer signed was personal; those of a move are not.
ALTER TABLE tip_grant ADD COLUMN is_personal INTEGER NOT NULL DEFAULT 0 CHECK (is_personal IN (0, 1));
UPDATE tip_grant SET is_personal = 1 WHERE signature IS NOT NULL;
