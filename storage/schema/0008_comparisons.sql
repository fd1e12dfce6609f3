-- Runs of the comparison of models that were kept. The report is its writer's own text, and what the
-- list shows of it stands beside it.
CREATE TABLE comparisons (
    id         INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,           -- ms since 1970 UTC
    prompt     TEXT NOT NULL,
    models     TEXT NOT NULL DEFAULT '',   -- a line: "Qwen3 4B F16, Q4_K_M"
    report     TEXT NOT NULL
) STRICT;
