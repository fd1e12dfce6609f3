-- What a person decided about messages whose rows are damaged. Such a row can be neither changed nor
-- deleted, so the decision stands beside it. No reference to messages: checking it would read the
-- damaged page.
CREATE TABLE message_repairs (
    id          INTEGER PRIMARY KEY, -- of the message
    chat_id     INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    is_removed  INTEGER NOT NULL DEFAULT 0 CHECK (is_removed IN (0, 1)),  -- its children go up
    is_inactive INTEGER NOT NULL DEFAULT 0 CHECK (is_inactive IN (0, 1)), -- a newer version is shown
    is_replaced INTEGER NOT NULL DEFAULT 0 CHECK (is_replaced IN (0, 1)), -- `content` holds
    role        INTEGER NOT NULL CHECK (role BETWEEN 0 AND 3),
    content     TEXT    NOT NULL DEFAULT ''
) STRICT;
