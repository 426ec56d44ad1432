-- What officers and the server did, in order: the canonical JSON of each entry and its hash. Rows are
-- only ever added.
CREATE TABLE audit_entry (
  seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
  day TEXT NOT NULL CHECK (length(day) = 10),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  entry BLOB NOT NULL
);

-- Where the trail stood at the end of a day, signed by the server. Rows are only ever added.
CREATE TABLE audit_day (
  day TEXT NOT NULL PRIMARY KEY CHECK (length(day) = 10),
  seq INTEGER NOT NULL UNIQUE,
  head BLOB NOT NULL CHECK (length(head) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64)
);

-- An auditor's signature over such a day. Rows are only ever added.
CREATE TABLE audit_signature (
  day TEXT NOT NULL REFERENCES audit_day (day) CHECK (length(day) = 10),
  officer TEXT NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  PRIMARY KEY (day, officer)
);
