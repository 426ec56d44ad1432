-- A grant opens a tip for somebody as long as they have the role it was made for: officers read tips,
-- registrars read applications to join the network, and neither reads the other's by having both roles
-- for a while.
ALTER TABLE tip_grant ADD COLUMN role TEXT NOT NULL DEFAULT 'officer'
  CHECK (role IN ('officer', 'registrar'));
