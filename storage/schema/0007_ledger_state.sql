-- A request is written down when it begins. What its program did not live to see the end of is 'lost'
-- from the next start on: what it moved is not known.
ALTER TABLE network_ledger ADD COLUMN state TEXT NOT NULL DEFAULT 'ended'; -- open ended lost
