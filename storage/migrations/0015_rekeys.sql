-- A tip can get new keys: what the rekey says lies beside its change. The receipt's recipient is kept with
-- new tips, so that an officer's console can let the receipt open later replies too.
ALTER TABLE change ADD COLUMN rekey BLOB;
ALTER TABLE tip ADD COLUMN receipt_recipient BLOB;
