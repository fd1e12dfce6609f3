-- Why an answer failed, as code and numbers: {"code", "message", "context", "needed", "available"};
-- empty where it did not. Sentences of failures before this step stay in `error`.
ALTER TABLE messages ADD COLUMN error_json TEXT NOT NULL DEFAULT '';
