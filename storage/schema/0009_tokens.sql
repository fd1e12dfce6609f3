-- The tokens of an answer's text, as storage/token_blob.h writes them; empty: not known.
ALTER TABLE messages ADD COLUMN tokens BLOB NOT NULL DEFAULT x'';
