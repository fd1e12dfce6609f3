-- Chats, folders, messages as a tree, drafts, settings, model library, full-text search.
-- Times are milliseconds since 1970 UTC. Ids come from the program (time-ordered, below 2^53).

CREATE TABLE folders (
    id           INTEGER PRIMARY KEY,
    name         TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    is_collapsed INTEGER NOT NULL DEFAULT 0 CHECK (is_collapsed IN (0, 1)),
    created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE chats (
    id            INTEGER PRIMARY KEY,
    folder_id     INTEGER REFERENCES folders (id) ON DELETE SET NULL,
    title         TEXT    NOT NULL,
    is_pinned     INTEGER NOT NULL DEFAULT 0 CHECK (is_pinned IN (0, 1)),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    deleted_at    INTEGER NOT NULL DEFAULT 0, -- 0: not in the bin
    model_path    TEXT    NOT NULL DEFAULT '',
    settings_json TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(settings_json))
) STRICT;
-- Whole list queries are answered from this index.
CREATE INDEX chats_by_update ON chats (deleted_at, updated_at, id);
CREATE INDEX chats_by_folder ON chats (folder_id);

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY,
    chat_id     INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    -- No cascade here: deleting a chain of a thousand messages would exceed SQLite's trigger depth;
    -- a whole tree goes by chat_id, and this is checked when the statement has ended.
    parent_id   INTEGER REFERENCES messages (id),
    role        INTEGER NOT NULL CHECK (role BETWEEN 0 AND 3),  -- system user assistant tool
    state       INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- writing done stopped failed
    is_active   INTEGER NOT NULL CHECK (is_active IN (0, 1)),   -- the shown one of its siblings
    content     TEXT    NOT NULL,
    thinking    TEXT    NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL DEFAULT 0,
    stats_json  TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(stats_json)),
    error       TEXT    NOT NULL DEFAULT '',
    model_name  TEXT    NOT NULL DEFAULT ''
) STRICT;
-- The shape of a tree without any text: loading a path reads only this, then the shown rows.
CREATE INDEX messages_tree ON messages (chat_id, id, parent_id, is_active);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE INDEX messages_writing ON messages (id) WHERE state = 0;
CREATE UNIQUE INDEX messages_one_active ON messages (chat_id, ifnull(parent_id, 0))
    WHERE is_active = 1;

-- Text of answers that are being written, appended a few times a second; moved into the message
-- when it ends. Rewriting a long message each time would write its size squared.
CREATE TABLE answer_chunks (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    sequence   INTEGER NOT NULL,
    content    TEXT    NOT NULL,
    thinking   TEXT    NOT NULL,
    PRIMARY KEY (message_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
    chat_id    INTEGER PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE,
    content    TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
    path          TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    size_bytes    INTEGER NOT NULL,
    modified_at   INTEGER NOT NULL,
    added_at      INTEGER NOT NULL,
    last_used_at  INTEGER NOT NULL DEFAULT 0,
    is_favourite  INTEGER NOT NULL DEFAULT 0 CHECK (is_favourite IN (0, 1)),
    sha256        TEXT    NOT NULL DEFAULT '',
    info_json     TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(info_json)),
    settings_json TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(settings_json))
) STRICT;

-- Search. Trigrams find parts of words and text without spaces (Chinese); the text itself is not
-- stored twice (external content). Answers enter when they are finished.
CREATE VIRTUAL TABLE message_search USING fts5 (
    content, content = 'messages', content_rowid = 'id', tokenize = 'trigram'
);
CREATE TRIGGER messages_search_insert AFTER INSERT ON messages WHEN new.state <> 0 BEGIN
    INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER messages_search_delete AFTER DELETE ON messages WHEN old.state <> 0 BEGIN
    INSERT INTO message_search (message_search, rowid, content)
    VALUES ('delete', old.id, old.content);
END;
-- One trigger, because the removal must come before the insertion and SQLite promises no order
-- between triggers.
CREATE TRIGGER messages_search_update AFTER UPDATE OF content, state ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content)
    SELECT 'delete', old.id, old.content WHERE old.state <> 0;
    INSERT INTO message_search (rowid, content)
    SELECT new.id, new.content WHERE new.state <> 0;
END;

CREATE VIRTUAL TABLE chat_search USING fts5 (
    title, content = 'chats', content_rowid = 'id', tokenize = 'trigram'
);
CREATE TRIGGER chats_search_insert AFTER INSERT ON chats BEGIN
    INSERT INTO chat_search (rowid, title) VALUES (new.id, new.title);
END;
CREATE TRIGGER chats_search_delete AFTER DELETE ON chats BEGIN
    INSERT INTO chat_search (chat_search, rowid, title) VALUES ('delete', old.id, old.title);
END;
CREATE TRIGGER chats_search_update AFTER UPDATE OF title ON chats BEGIN
    INSERT INTO chat_search (chat_search, rowid, title) VALUES ('delete', old.id, old.title);
    INSERT INTO chat_search (rowid, title) VALUES (new.id, new.title);
END;
