-- Whom to tell of news of a tip, because they asked to be told: the one lasting link from a tip to an
-- account. `contact` lies under a key of its own in the forget store, and names no conversation.
-- `news` is the officer's part that they were not told of yet; `is_last` says that the tip is closed
-- and that the row dies once that was told.
CREATE TABLE notice (
  notice_id TEXT NOT NULL PRIMARY KEY,
  tip_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  expires_day TEXT NOT NULL CHECK (length(expires_day) = 10),
  news TEXT,
  is_last INTEGER NOT NULL CHECK (is_last IN (0, 1)),
  -- forgettable
  contact BLOB NOT NULL
);
CREATE INDEX notice_by_tip ON notice (tip_id);
CREATE INDEX notice_by_day ON notice (expires_day);
CREATE INDEX notice_by_news ON notice (notice_id) WHERE news IS NOT NULL;
