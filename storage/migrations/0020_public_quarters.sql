-- What was published of each quarter that is over: once, and never changed. A page holds shown numbers only.
CREATE TABLE public_quarter (
  quarter TEXT NOT NULL PRIMARY KEY CHECK (length(quarter) = 7),
  page BLOB NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64)
);
