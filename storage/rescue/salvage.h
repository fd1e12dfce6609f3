// Salvage: what a library's pages still hold, found by the shape of the rows: which chats there
// were, where their messages stand, and everything small at once.
//
// The shapes are those of storage/schema/*.sql from schema 1 on; a step that changes a table's
// columns adds its shape here. Texts of messages stay in the file until they are asked for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/api/chat_record.h"
#include "storage/api/comparisons.h"
#include "storage/api/download_record.h"
#include "storage/api/ledger.h"
#include "storage/api/model_record.h"
#include "storage/rescue/cells.h"

namespace sotto::storage {

// A message's row was found, or only its place in the tree, which an index holds as well.
struct FoundMessage {
    MessageId parentId = 0;
    bool isActive = false;
    PageNumber page = 0;  // 0: no row
    bool isShortened = false;
    bool isWriting = false;                  // its text goes on in the chunks
    std::optional<std::string> replacement;  // what a person kept of a damaged row
    MessageRole role = MessageRole::User;    // of the replacement

    bool isReadable() const { return page != 0 || replacement.has_value(); }
};

struct FoundChat {
    std::optional<ChatSummary> row;
    std::string settingsJson = "{}";
    TimeMs updatedAt = 0;  // of the index; for a chat whose row is lost
    TimeMs deletedAt = 0;
    std::map<MessageId, FoundMessage> messages;

    int nReadable() const;
    int nShortened() const;
    bool isReadable() const { return row.has_value() || nReadable() > 0; }
};

struct Salvage {
    std::int64_t nPages = 0;
    std::int64_t nUnreadablePages = 0;
    bool isAllSmallWhole = true;  // no row of settings, folders, drafts, models or
                                  // downloads was cut
    std::map<ChatId, FoundChat> chats;
    std::vector<Folder> folders;
    std::map<ChatId, std::string> drafts;
    std::map<std::string, std::string> settings;
    std::vector<ModelRecord> models;
    std::vector<DownloadRecord> downloads;
    std::vector<LedgerRecord> ledger;
    std::vector<ComparisonRecord> comparisons;  // whole ones only: half a report cannot be read
    struct Chunk {
        std::string content;
        std::string thinking;
        bool isShortened = false;
    };
    using Chunks = std::map<std::int64_t, Chunk>;  // by their sequence, from 0 on
    std::map<MessageId, Chunks> chunks;
};

// Reads the whole file. `isCancelled` (may be empty) is asked between pages. Errors: Cancelled.
Result<Salvage> salvage(PageFile& file, const std::function<bool()>& isCancelled = {});

struct FoundRow {
    MessageRecord message;
    std::string errorJson;  // as it stands in the table
};

// The pieces up to the first that is lost or cut, and whether there is one.
struct JoinedChunks {
    std::string content;
    std::string thinking;
    bool isShortened = false;
};
JoinedChunks join(const Salvage::Chunks& chunks);

// The row of a found message: its text as far as it can be read, isDamaged when that is a part.
// Nothing when it is lost.
std::optional<FoundRow> readFound(PageFile& file, MessageId id, const FoundMessage& found);

}  // namespace sotto::storage
