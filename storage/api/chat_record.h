// What the storage keeps of conversations: plain values as the app sees them.
//
// Ids are made by Storage's newId() before the row exists, so that a window can show a message at
// once and write it meanwhile; they grow with time and stay below 2^53 (exact in JavaScript).
// Times are milliseconds since 1970-01-01 UTC. All text is UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace sotto::storage {

using ChatId = std::int64_t;     // 0: none
using FolderId = std::int64_t;   // 0: none
using MessageId = std::int64_t;  // 0: none
using TimeMs = std::int64_t;     // 0: never

struct Folder {
    FolderId id = 0;
    std::string name;
    std::int64_t position = 0;  // order in the list, ascending
    bool isCollapsed = false;
    TimeMs createdAt = 0;
};

// What removing a folder took apart, as Folders::restore wants it back.
struct RemovedFolder {
    Folder folder;
    std::vector<ChatId> chats;  // also those in the bin
};

// A row of the chat list: no message text is read for it. Temporary chats are not here: they live
// in a storage opened with StorageOptions::inMemory().
struct ChatSummary {
    ChatId id = 0;
    FolderId folderId = 0;  // 0: not in a folder
    std::string title;      // empty until named
    bool isPinned = false;
    bool hasDraft = false;
    TimeMs createdAt = 0;
    TimeMs updatedAt = 0;    // last message added or finished; renaming or pinning leaves it
    TimeMs deletedAt = 0;    // 0: not in the bin
    std::string modelPath;   // the model chosen for this chat; empty: the app's current one
    bool isDamaged = false;  // the row could not be read (damaged page); only the id is known
};

// Of one chat, all versions counted.
struct ChatSize {
    int messages = 0;
    std::int64_t bytes = 0;  // of text
};

struct NewChat {
    ChatId id = 0;  // 0: one is made
    FolderId folderId = 0;
    std::string title;
    std::string modelPath;
    std::string settingsJson = "{}";
};

// The tokens that an answer's text was written in, and of which vocabulary they are.
struct TokenIds {
    std::vector<std::int32_t> ids;  // not negative; empty: not known
    std::uint64_t vocabulary = 0;   // its fingerprint, as the engine gives it

    bool operator==(const TokenIds&) const = default;
};

enum class MessageRole : std::uint8_t { System, User, Assistant, Tool };
enum class MessageState : std::uint8_t {
    Writing,  // an answer is being streamed into it
    Done,
    Stopped,  // by the user, or the program ended in the middle
    Failed,   // `failure` says why; the text so far is kept
};

// A node of a chat's message tree. Editing or regenerating adds a sibling (same parent); the
// siblings are the versions ‹ 2/3 › of one place in the conversation, and one of them is active.
struct MessageRecord {
    MessageId id = 0;
    ChatId chatId = 0;
    MessageId parentId = 0;  // 0: first message of a conversation
    MessageRole role = MessageRole::User;
    MessageState state = MessageState::Done;
    std::string content;
    std::string thinking;  // the assistant's thinking, without its markers
    TimeMs createdAt = 0;
    TimeMs finishedAt = 0;
    std::string statsJson;  // as given to finishAnswer; "{}" when none
    // State Failed: why, as code and numbers; the window makes the sentence of it. Answers that
    // failed before schema 2 have a sentence in `error` instead, in the language of that day;
    // nothing writes one any more.
    std::optional<Error> failure;
    std::string error;
    std::string modelName;  // who wrote the answer
    TokenIds tokens;        // of `content` as it was written; none once it was changed
    // Place among the siblings, in order of creation; filled by loadPath.
    int versionIndex = 1;  // 1-based
    int versionCount = 1;
    MessageId previousVersionId = 0;  // 0: this is the first
    MessageId nextVersionId = 0;      // 0: this is the last
    // The row cannot be read as a whole (damaged page), or a rescue found only a part of it:
    // `content` is the readable beginning of its text, which must not be taken for what was said
    // (no prompt, no copy without a word). The place is kept so that its neighbours are shown. See
    // Messages::replaceDamaged and removeDamaged.
    bool isDamaged = false;
    std::int64_t readableBytes = 0;  // isDamaged: of content
    std::int64_t totalBytes = 0;     // isDamaged: that there were; 0: not known
};

struct NewMessage {
    MessageId id = 0;  // 0: one is made
    ChatId chatId = 0;
    MessageId parentId = 0;  // 0: a (further version of the) first message
    MessageRole role = MessageRole::User;
    std::string content;
    std::string thinking;
    std::string modelName;
};

// An assistant's message that will be streamed.
struct NewAnswer {
    MessageId id = 0;  // 0: one is made
    ChatId chatId = 0;
    MessageId parentId = 0;
    std::string modelName;
    // One of several to the same question: a version beside the one that is shown, which stays.
    bool isBeside = false;
};

struct AnswerEnd {
    MessageState state = MessageState::Done;  // Done, Stopped or Failed
    std::string statsJson = "{}";
    std::optional<Error> failure;  // state Failed: why
    TokenIds tokens;               // of all its text
};

// An answer that has ended, as a whole, whatever of it was stored before.
struct WholeAnswer {
    MessageId id = 0;
    ChatId chatId = 0;
    MessageId parentId = 0;
    std::string modelName;
    std::string content;
    std::string thinking;
    TimeMs createdAt = 0;  // 0: now
    AnswerEnd end;
    bool isBeside = false;  // as NewAnswer's
};

// What removing a message took out and moved, as Messages::restore wants it back.
struct RemovedMessages {
    struct Row {
        MessageRecord message;
        bool isActive = false;
    };
    struct Move {
        MessageId id = 0;
        MessageId parentId = 0;  // before
        bool isActive = false;   // before
    };
    std::vector<Row> rows;    // the message itself first, every one behind its parent
    std::vector<Move> moved;  // what followed and has gone up
};

// A piece of a search result's excerpt; consecutive parts concatenate to the text shown.
struct SnippetPart {
    std::string text;
    bool isMatch = false;
};

struct SearchQuery {
    std::string text;  // as typed; words are looked for anywhere, all must occur, "…" is a phrase
    ChatId chatId = 0;  // 0: all chats that are not in the bin
    int limit = 50;     // at most 200
};

struct SearchHit {
    ChatId chatId = 0;
    MessageId messageId = 0;  // 0: the chat's title matched
    std::string chatTitle;
    MessageRole role = MessageRole::User;
    TimeMs createdAt = 0;
    std::vector<SnippetPart> snippet;
};

// A range of hits, and whether it is all of them.
struct SearchResult {
    std::vector<SearchHit> hits;
    bool isCut = false;  // there are more, or may be: the limit or the time ended the search

    bool empty() const { return hits.empty(); }
    std::size_t size() const { return hits.size(); }
    const SearchHit& front() const { return hits.front(); }
    const SearchHit& at(std::size_t index) const { return hits.at(index); }
    auto begin() const { return hits.begin(); }
    auto end() const { return hits.end(); }
};

}  // namespace sotto::storage
