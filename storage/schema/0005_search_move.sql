-- A smaller index for the search in messages: which messages have a trigram, not where. What stands
-- in message_search is carried over behind the window (storage/index_move.h).
CREATE VIRTUAL TABLE message_index USING fts5 (
    content, content = 'messages', content_rowid = 'id', tokenize = 'trigram', detail = none
);

-- One row. Up to this id every finished message is in message_index, above it none is; at
-- 9223372036854775807 all are, and message_search with its triggers is not used any more.
CREATE TABLE search_move (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    indexed_to INTEGER NOT NULL
) STRICT;
INSERT INTO search_move VALUES (1, 0);

-- External content is deleted by the text that was indexed: what stands above must not be.
CREATE TRIGGER messages_index_insert AFTER INSERT ON messages
WHEN new.state <> 0 AND new.id <= (SELECT indexed_to FROM search_move) BEGIN
    INSERT INTO message_index (rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER messages_index_delete AFTER DELETE ON messages
WHEN old.state <> 0 AND old.id <= (SELECT indexed_to FROM search_move) BEGIN
    INSERT INTO message_index (message_index, rowid, content)
    VALUES ('delete', old.id, old.content);
END;
CREATE TRIGGER messages_index_update AFTER UPDATE OF content, state ON messages
WHEN new.id <= (SELECT indexed_to FROM search_move) BEGIN
    INSERT INTO message_index (message_index, rowid, content)
    SELECT 'delete', old.id, old.content WHERE old.state <> 0;
    INSERT INTO message_index (rowid, content)
    SELECT new.id, new.content WHERE new.state <> 0;
END;
