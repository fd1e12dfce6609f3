-- Of a message of which a rescue found only the beginning: the bytes of its whole text, -1 when they
-- are not known. 0: `content` is whole, or a person has kept what there is of it.
ALTER TABLE messages ADD COLUMN full_bytes INTEGER NOT NULL DEFAULT 0;
