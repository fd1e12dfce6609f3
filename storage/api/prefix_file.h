// PrefixFile: a file of keys and values that models computed, so that a conversation need not be
// read again after a restart: blocks that hang on one another, each found by its chain, a digest of
// all that it depends on.
//
// Disposable: nothing in it is anybody's only copy. What is damaged or foreign is an error of
// open(), for the caller to go on without. One thread at a time for each object; one process has a
// file open for writing. Files are this account's alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace sotto::storage {

using ChainId = std::array<std::byte, 16>;

struct PrefixRow {
    ChainId chain{};
    std::optional<ChainId> parent;  // none: a first one
    std::vector<std::int32_t> tokens;
    std::vector<std::byte> bytes;
};

// Which chains came and went.
struct PrefixChanges {
    std::vector<ChainId> added;
    std::vector<ChainId> removed;
};

// What an owner needs of the file; what others need, too, is in each one's share.
struct PrefixShare {
    std::uint64_t owner = 0;
    std::int64_t nTokens = 0;
    std::int64_t nBytes = 0;
    std::int64_t nSharedTokens = 0;  // of them, those that others need, too
    std::int64_t usedAt = 0;         // ms since 1970 UTC
};

// Errors of all calls: Locked, DiskFull, DatabaseDamaged, Io; nothing of the call was done then.
class PrefixFile {
public:
    // Makes the file where there is none (not its folder), with `key` where one is given. Errors:
    // Locked (a program has it open), NewerVersion, DatabaseDamaged (also a file that is none of
    // ours: it stays as it is), and those of SQLite.
    static Result<std::unique_ptr<PrefixFile>> open(const std::filesystem::path& path,
                                                    const std::optional<ChainId>& key = {});
    virtual ~PrefixFile() = default;

    // Made with the file: nobody else's chains are alike.
    virtual ChainId key() const = 0;
    virtual Result<std::vector<ChainId>> chains() = 0;
    virtual Result<std::vector<std::uint64_t>> owners() = 0;

    // The one that was used last first.
    virtual Result<std::vector<PrefixShare>> shares() = 0;

    // Of all its files on the disk, at this moment.
    virtual std::uint64_t bytesOnDisk() const = 0;
    // What was written into them, its journal counted: since the hour (of the time since 1970) in
    // which `unixSeconds` lies began.
    virtual Result<std::uint64_t> bytesWrittenSince(std::int64_t unixSeconds) = 0;

    // Adds the rows of which the parents are there, for `owner`; what was used least recently goes
    // where they would take the files over `quota` bytes, chains from their ends. Not one moment
    // are they larger. Rows that have no room are left out.
    virtual Result<PrefixChanges> add(std::uint64_t owner, std::span<const PrefixRow> rows,
                                      std::uint64_t quota) = 0;
    // The chain, in order, was used; `owner` needs its last one that is there.
    virtual Status use(std::uint64_t owner, std::span<const ChainId> chain) = 0;
    // Removes a chain that cannot be read, with all that hangs on it.
    virtual Result<PrefixChanges> drop(const ChainId& chain) = 0;
    // Removes what no other owner needs; its bytes are overwritten.
    virtual Result<PrefixChanges> forget(std::uint64_t owner) = 0;
    // Until the files are no larger than `quota`, or nothing is left.
    virtual Result<PrefixChanges> shrink(std::uint64_t quota) = 0;

    // Whether a file is a prefix cache (of any version), or empty.
    static bool isOurs(const std::filesystem::path& path);
    // Removes a cache that was dropped, or is to be forgotten; nobody has it open. Errors: Io.
    static Status remove(const std::filesystem::path& path);
};

// Reads beside the writer.
class PrefixReader {
public:
    static Result<std::unique_ptr<PrefixReader>> open(const std::filesystem::path& path);
    virtual ~PrefixReader() = default;

    struct Rows {
        std::vector<PrefixRow> rows;     // in order, up to the first that is not there whole
        std::optional<ChainId> damaged;  // that one, where its bytes are not what was written
    };
    // `memory`: bytes of rows that are of no use any more; these are read into it as far as it goes
    // (fresh memory takes longer to come by than what it is to hold).
    virtual Result<Rows> read(std::span<const ChainId> chain,
                              std::vector<std::vector<std::byte>> memory) = 0;
    Result<Rows> read(std::span<const ChainId> chain) { return read(chain, {}); }
};

}  // namespace sotto::storage
