-- What was sent before something was taken out of it, while the person has not decided (`key_id`
-- names the forget-store key that its seed needs), and the blob of a file that was kept as it was.
CREATE TABLE original (
  part_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL,
  day TEXT NOT NULL CHECK (length(day) = 10),
  blob_id TEXT,
  key_id TEXT
);
CREATE INDEX original_by_tip ON original (tip_id);
CREATE INDEX original_by_day ON original (day);
