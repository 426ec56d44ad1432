-- A tip can get new keys: what the rekey says lies beside its change. The receipt's recipient is kept with
-- new tips, so that an officer's console can let the receipt open later replies too.
ALTER TABLE change ADD COLUMN rekey BLOB;
ALTER TABLE tip ADD COLUMN receipt_recipient BLOB;

-- What a reader had before a rekey: should a new grant open nothing, the earlier words are not lost.
CREATE TABLE earlier_grant (
  grant_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL REFERENCES tip (tip_id),
  officer TEXT NOT NULL,
  granted_by TEXT NOT NULL,
  signature BLOB,
  -- forgettable
  sealed BLOB NOT NULL
);
CREATE INDEX earlier_grant_by_reader ON earlier_grant (tip_id, officer);
