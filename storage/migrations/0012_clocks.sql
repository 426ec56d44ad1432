-- How long each centre's clocks run, as the configuration says ('' stands for a centre that it does
-- not name), so that whatever changes a tip sets its day in the same commit.
CREATE TABLE clock_length (
  centre TEXT NOT NULL PRIMARY KEY,
  acknowledge_days INTEGER NOT NULL,
  screening_days INTEGER NOT NULL,
  feedback_days INTEGER NOT NULL,
  again_days INTEGER NOT NULL
);

-- `due_day` is the last day of the clock that runs, if one does; `climb_day` the first on which the
-- tip climbs, unless it can climb no further; `climbed_to` the highest centre that it climbed to.
-- All three follow from what the tip and its changes say. `role` is that of the tip's readers.
ALTER TABLE tip ADD COLUMN role TEXT NOT NULL DEFAULT 'officer' CHECK (role IN ('officer', 'registrar'));
ALTER TABLE tip ADD COLUMN due_day TEXT CHECK (length(due_day) = 10);
ALTER TABLE tip ADD COLUMN climb_day TEXT CHECK (length(climb_day) = 10);
ALTER TABLE tip ADD COLUMN climbed_to TEXT;
UPDATE tip SET role = 'registrar' WHERE EXISTS (
  SELECT 1 FROM tip_grant WHERE tip_grant.tip_id = tip.tip_id AND tip_grant.role = 'registrar'
);
CREATE INDEX tip_by_due ON tip (role, centre, due_day);
CREATE INDEX tip_by_climb ON tip (climb_day);
CREATE INDEX tip_by_climbed ON tip (role, climbed_to, due_day);
