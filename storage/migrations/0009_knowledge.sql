-- Knowledge cards: public texts, each under a registrar's signature; the newest version only.
CREATE TABLE knowledge_card (
  card_id TEXT NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version >= 1),
  centre TEXT NOT NULL,
  audiences TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('published', 'withdrawn')),
  day TEXT NOT NULL CHECK (length(day) = 10),
  officer TEXT NOT NULL,
  signature BLOB NOT NULL,
  content BLOB NOT NULL
);

-- Who is sent new cards of an audience, because they asked for it. `contact` lies under a key of its
-- own in the forget store; nothing here leads to a conversation or to a tip, and the ids are random.
CREATE TABLE subscription (
  subscription_id TEXT NOT NULL PRIMARY KEY,
  channel TEXT NOT NULL,
  audience TEXT NOT NULL CHECK (audience IN ('citizen', 'youth', 'private')),
  key_id TEXT NOT NULL,
  expires_day TEXT NOT NULL CHECK (length(expires_day) = 10),
  -- forgettable
  contact BLOB NOT NULL
);
CREATE INDEX subscription_by_audience ON subscription (channel, audience, subscription_id);
CREATE INDEX subscription_by_day ON subscription (expires_day);

-- A card that is sent to everybody who subscribed to one of its audiences.
CREATE TABLE campaign (
  campaign_id TEXT NOT NULL PRIMARY KEY,
  card_id TEXT NOT NULL,
  centre TEXT NOT NULL,
  audiences TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
  day TEXT NOT NULL CHECK (length(day) = 10),
  officer TEXT NOT NULL,
  signature BLOB NOT NULL
);
CREATE INDEX campaign_by_state ON campaign (state, day, campaign_id);

-- How far a campaign is on each channel, and with which audience of it: everybody up to the
-- subscription `after`, in the order of their random ids. Nobody is named once it is done.
CREATE TABLE campaign_progress (
  campaign_id TEXT NOT NULL REFERENCES campaign (campaign_id),
  channel TEXT NOT NULL,
  audience TEXT NOT NULL,
  after TEXT NOT NULL,
  told INTEGER NOT NULL,
  missed INTEGER NOT NULL,
  waits TEXT CHECK (waits IN ('quota')),
  is_done INTEGER NOT NULL CHECK (is_done IN (0, 1)),
  PRIMARY KEY (campaign_id, channel, audience)
);
