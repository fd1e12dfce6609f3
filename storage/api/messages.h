// Messages: the trees of all chats, their versions, and answers that are being streamed.
// Thread rule and common errors: see database.h.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/api/chat_record.h"

namespace sotto::storage {

class Messages {
public:
    virtual ~Messages() = default;

    // Adds a message and makes it the active version among its siblings. On disk (fsync) when it
    // returns: a kill or a power cut afterwards does not lose it. Errors: InvalidArgument (unknown
    // chat or parent, parent of another chat, id taken).
    virtual Result<MessageRecord> add(const NewMessage& message) = 0;
    // A new version of an existing message, with the same parent and role; nothing is overwritten.
    // Of a damaged one, too: this is how it is written again.
    virtual Result<MessageRecord> edit(MessageId messageId, std::string_view content,
                                       MessageId newId = 0) = 0;
    // The shown conversation, first message first.
    virtual Result<std::vector<MessageRecord>> loadPath(ChatId chatId) = 0;
    virtual Result<MessageRecord> get(MessageId messageId) = 0;  // NotFound
    // Makes this message the shown one among its versions; what hangs below each version keeps its
    // own choice.
    virtual Status setActiveVersion(MessageId messageId) = 0;
    // As above for the message and all its ancestors, so that loadPath contains it (search
    // results).
    virtual Status activatePathTo(MessageId messageId) = 0;

    // Takes a message out; no other version of any message goes with it but these:
    // - A question goes with all answers to it, and what followed the shown one follows the message
    //   before; what followed the others goes. An answer goes alone, and what followed it follows
    //   its question.
    // - Where another version stands in the same place, that one is shown, the one before it first,
    //   and what followed the removed version goes with that.
    // An answer that storage keeps in memory (see storeAnswer) is written first, so that it goes
    // and comes back with its question; why that fails is the error. Errors: NotFound, Busy (an
    // answer among them is being written), DatabaseDamaged (of a damaged message; see
    // removeDamaged).
    virtual Result<RemovedMessages> remove(MessageId messageId) = 0;
    // Puts it all back where it was; what was written since stays as another version. Errors:
    // InvalidArgument (its chat or the message before it is gone, or it is there already).
    virtual Status restore(const RemovedMessages& removed) = 0;

    // --- damaged messages (MessageRecord::isDamaged); both fail with InvalidArgument for others
    // --- Keeps `content` in its place, usually what can be read; from now on it counts as whole.
    virtual Status replaceDamaged(MessageId messageId, std::string_view content) = 0;
    // Takes it out of the conversation; what followed it follows the message before it.
    virtual Status removeDamaged(MessageId messageId) = 0;

    // --- streamed answers ----------------------------------------------------------------------
    // Adds an assistant's message in state Writing: the shown version, or one beside it.
    virtual Result<MessageRecord> beginAnswer(const NewAnswer& answer) = 0;
    // Opens a finished answer again to append to it. Errors: NotFound, InvalidArgument (not an
    // answer).
    virtual Status continueAnswer(MessageId messageId) = 0;
    // Takes the text into memory and returns; it is on disk within kAnswerFlushMs. Errors: NotFound
    // (no answer with this id is open).
    virtual Status appendAnswer(MessageId messageId, std::string_view text,
                                std::string_view thinking) = 0;
    // The last `nBytes` of its text were thinking. Errors: NotFound, as above; those of writing,
    // after which only a kill could bring the text back to where it was.
    virtual Status turnToThinking(MessageId messageId, std::int64_t nBytes) = 0;
    // Writes what is left and closes the answer. When that fails (disk full), the answer is kept in
    // memory and written again about each second until it succeeds.
    virtual Status finishAnswer(MessageId messageId, const AnswerEnd& end) = 0;
    // For an answer that beginAnswer, continueAnswer or appendAnswer could not store: all of it at
    // once. Whatever of it is on disk or in memory already is taken into account by its id, and
    // text that stands on disk is never lost: what `answer` does not begin with stays before it.
    // The same answer twice is one answer. When writing fails, the answer is kept in memory, shown
    // by loadPath and written again each second, as by finishAnswer; an answer whose chat or parent
    // is gone is not (InvalidArgument).
    virtual Status storeAnswer(const WholeAnswer& answer) = 0;
    // Writes all pending text now. Called by Storage's timer.
    virtual Status flushAnswers() = 0;
};

}  // namespace sotto::storage
