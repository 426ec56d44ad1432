-- What registrars did with member codes: who, when, of which centre, what and to how many. Never to
-- which codes. Rows are only ever added.
CREATE TABLE member_record (
  record_id TEXT NOT NULL PRIMARY KEY,
  day TEXT NOT NULL CHECK (length(day) = 10),
  officer TEXT NOT NULL,
  centre TEXT NOT NULL,
  deed TEXT NOT NULL CHECK (deed IN ('issue', 'pause', 'resume', 'revoke')),
  is_duress INTEGER NOT NULL CHECK (is_duress IN (0, 1)),
  count INTEGER NOT NULL CHECK (count >= 1),
  signature BLOB NOT NULL
);
CREATE INDEX member_record_by_centre ON member_record (centre, day DESC, record_id DESC);
