-- What a queue shows of a tip, in a narrow index. The row itself is long: to compare its key with another,
-- SQLite reads the whole of it, a dozen times for one look.
CREATE INDEX tip_by_listing ON tip (
  tip_id, centre, status, status_day, filed_day, version, claimed_by, no_contact, due_day
);
