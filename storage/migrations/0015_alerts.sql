-- Alerts to officers. Nothing here names a tip, and nothing that stays carries a time.
-- What an officer (or, for webhooks, a centre) was not told of yet, and how they want to be told: one
-- sealed record each, as long whatever it counts, written anew whenever anything is counted.
CREATE TABLE alert_record (
  recipient TEXT NOT NULL PRIMARY KEY,
  key_id TEXT NOT NULL,
  -- forgettable
  sealed BLOB NOT NULL
);

-- Where an officer is told. `contact` lies under a key of its own in the forget store.
CREATE TABLE alert_binding (
  binding_id TEXT NOT NULL PRIMARY KEY,
  officer TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('telegram', 'line', 'email')),
  key_id TEXT NOT NULL,
  -- forgettable
  contact BLOB NOT NULL
);
CREATE INDEX alert_binding_by_officer ON alert_binding (officer, binding_id);
CREATE INDEX alert_binding_by_channel ON alert_binding (channel, binding_id);

-- Alerts that are to be sent; `way` is a binding, or a webhook of the configuration. `not_before`
-- (epoch seconds) dies with the row, at delivery.
CREATE TABLE alert_line (
  line_id TEXT NOT NULL PRIMARY KEY,
  way TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('telegram', 'line', 'email', 'webhook')),
  attempts INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  -- forgettable
  sealed BLOB NOT NULL
);
CREATE INDEX alert_line_by_due ON alert_line (channel, not_before);
CREATE INDEX alert_line_by_way ON alert_line (way);
