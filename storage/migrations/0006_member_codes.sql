-- A code can rest for a while, and says since which year its owner is a member. Neither is about use:
-- nothing here tells that a code was ever typed.
CREATE TABLE member_code_now (
  locator BLOB NOT NULL PRIMARY KEY,
  centre TEXT NOT NULL,
  is_duress INTEGER NOT NULL CHECK (is_duress IN (0, 1)),
  expires_day TEXT NOT NULL CHECK (length(expires_day) = 10),
  since_year INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'revoked'))
);
INSERT INTO member_code_now (locator, centre, is_duress, expires_day, since_year, state)
  SELECT locator, centre, is_duress, expires_day, CAST(substr(expires_day, 1, 4) AS INTEGER) - 1, state
  FROM member_code;
DROP TABLE member_code;
ALTER TABLE member_code_now RENAME TO member_code;
CREATE INDEX member_code_by_centre ON member_code (centre, state);
