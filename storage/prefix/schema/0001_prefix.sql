-- Keys and values that models computed. Everything here can be computed again.
CREATE TABLE properties (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A block and the one that it hangs on. What is long of it lies in bodies, so that a use rewrites little.
CREATE TABLE blocks (
    id     INTEGER PRIMARY KEY,
    chain  BLOB NOT NULL UNIQUE,  -- 16 bytes
    parent INTEGER,               -- NULL: a first one
    used   INTEGER NOT NULL       -- when last, ms since 1970 UTC, and of no two uses the same; what hangs on a block goes before it, whatever its use
) STRICT;
CREATE INDEX blocks_by_parent ON blocks (parent);
CREATE INDEX blocks_by_use ON blocks (used);

CREATE TABLE bodies (
    block    INTEGER PRIMARY KEY,
    checksum BLOB NOT NULL,  -- XXH3, 128 bits, of chain, tokens and content
    tokens   BLOB NOT NULL,  -- 32 bits each, little-endian
    content  BLOB NOT NULL
) STRICT;

-- The last blocks that a conversation needs; those that they hang on are needed with them.
CREATE TABLE ends (
    owner INTEGER NOT NULL,
    block INTEGER NOT NULL,
    PRIMARY KEY (owner, block)
) STRICT, WITHOUT ROWID;
CREATE INDEX ends_by_block ON ends (block);

CREATE TABLE written (
    hour  INTEGER PRIMARY KEY,  -- since 1970 UTC
    bytes INTEGER NOT NULL
) STRICT;
