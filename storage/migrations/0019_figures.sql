-- Monthly counters of each centre: how many tips were filed there ('filed'), and how long those took that were
-- ended ('ended'). One measure each: no row joins two, and none names a tip.
CREATE TABLE figure (
  basis TEXT NOT NULL CHECK (basis IN ('filed', 'ended')),
  month TEXT NOT NULL CHECK (length(month) = 7),
  centre TEXT NOT NULL,
  measure TEXT NOT NULL,
  value TEXT NOT NULL,
  n INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (basis, month, centre, measure, value)
);

-- What the tips that were ended were about: every counter of one centre and month in one sealed record, as long
-- whatever it counts, and written anew whenever a tip ends.
CREATE TABLE figure_record (
  month TEXT NOT NULL CHECK (length(month) = 7),
  centre TEXT NOT NULL,
  -- forgettable
  sealed BLOB NOT NULL,
  PRIMARY KEY (month, centre)
);

-- What is shown of a centre's months together, decided once when the last of them is over.
CREATE TABLE figure_period (
  basis TEXT NOT NULL CHECK (basis IN ('filed', 'ended')),
  centre TEXT NOT NULL,
  first TEXT NOT NULL CHECK (length(first) = 7),
  last TEXT NOT NULL CHECK (length(last) = 7),
  said TEXT NOT NULL,
  PRIMARY KEY (basis, centre, first)
);

-- What an officer had counted when a tip was ended, as a hash with a salt that is not here, and their signature.
ALTER TABLE change ADD COLUMN counts_hash BLOB CHECK (length(counts_hash) = 32);
ALTER TABLE change ADD COLUMN counts_signature BLOB CHECK (length(counts_signature) = 64);

-- Tips from before there were counters: filed where the first move took them from, or where they lie.
INSERT INTO figure (basis, month, centre, measure, value, n)
SELECT 'filed', filed.month, filed.centre, 'intake', 'all', count(*) FROM (
  SELECT substr(tip.filed_day, 1, 7) AS month, COALESCE((
    SELECT move.from_centre FROM change AS move WHERE move.tip_id = tip.tip_id AND move.kind = 'move'
    ORDER BY move.version LIMIT 1
  ), tip.centre) AS centre
  FROM tip WHERE tip.role = 'officer'
) AS filed GROUP BY filed.month, filed.centre;

-- Those that were ended: nobody said what was to be counted of them.
INSERT INTO figure (basis, month, centre, measure, value, n)
SELECT 'ended', ended.month, ended.centre, 'counted', 'no', count(*) FROM (
  SELECT substr(change.day, 1, 7) AS month, COALESCE((
    SELECT move.from_centre FROM change AS move
    WHERE move.tip_id = change.tip_id AND move.kind = 'move' AND move.version > change.version
    ORDER BY move.version LIMIT 1
  ), tip.centre) AS centre
  FROM change JOIN tip ON tip.tip_id = change.tip_id
  WHERE tip.role = 'officer' AND change.kind = 'status' AND change.status IN ('closed', 'declined')
  AND NOT EXISTS (
    SELECT 1 FROM change AS earlier WHERE earlier.tip_id = change.tip_id AND earlier.kind = 'status'
    AND earlier.status IN ('closed', 'declined') AND earlier.version < change.version
  )
) AS ended GROUP BY ended.month, ended.centre;
