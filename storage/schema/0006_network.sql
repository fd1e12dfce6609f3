-- Files on their way from a hub, and what was sent over a network. Times are milliseconds since 1970
-- UTC.

-- One row per download of the list, also of those that are whole. The bytes that are there lie in
-- a file beside `target`; `kept_bytes` of them are safe.
CREATE TABLE downloads (
    id                INTEGER PRIMARY KEY,
    position          INTEGER NOT NULL, -- in the list, ascending
    endpoint          TEXT    NOT NULL,
    repository        TEXT    NOT NULL,
    revision          TEXT    NOT NULL,
    path              TEXT    NOT NULL, -- in the repository
    target            TEXT    NOT NULL, -- on this disk
    commit_hash       TEXT    NOT NULL DEFAULT '',
    sha256            TEXT    NOT NULL DEFAULT '',
    blob_sha1         TEXT    NOT NULL DEFAULT '',
    size_bytes        INTEGER NOT NULL DEFAULT 0,
    kept_bytes        INTEGER NOT NULL DEFAULT 0,
    etag              TEXT    NOT NULL DEFAULT '',
    state             TEXT    NOT NULL, -- by its name: waiting paused interrupted verified damaged
    -- Why it does not go on: a code's name, empty where nothing is wrong, and its parts.
    problem_code      TEXT    NOT NULL DEFAULT '',
    problem           TEXT    NOT NULL DEFAULT '',
    problem_context   TEXT    NOT NULL DEFAULT '',
    problem_needed    INTEGER NOT NULL DEFAULT 0,
    problem_available INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row per request that left this program, or was to leave it. Never a path or a query: what was
-- looked for is nobody's business, not even this file's.
CREATE TABLE network_ledger (
    id             INTEGER PRIMARY KEY,
    started_at     INTEGER NOT NULL,
    host           TEXT    NOT NULL,
    port           INTEGER NOT NULL,
    purpose        TEXT    NOT NULL, -- by its name: search files resolve header download
    sent_bytes     INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    http_status    INTEGER NOT NULL DEFAULT 0, -- 0: no answer came
    problem        TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX network_ledger_by_time ON network_ledger (started_at);
