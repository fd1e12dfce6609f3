#include "app/chat/ask_flow.h"

#include "app/chat/chat_settings.h"
#include "app/chat/draft_keeper.h"
#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

// The chat with its first message, or neither.
Status storeInNewChat(storage::Database& database, const storage::NewChat& chat,
                      const storage::NewMessage& row) {
    if (auto made = database.chats().create(chat); !made) return fail(made.error());
    auto added = database.messages().add(row);
    if (added) return {};
    static_cast<void>(database.chats().remove(chat.id));
    return fail(added.error());
}

std::function<Status(storage::Database&)> commitOf(const Question& question) {
    const Message& message = question.message;
    storage::NewMessage row;
    row.id = message.id;
    row.chatId = message.chatId;
    row.parentId = message.parentId;
    row.content = message.text.toStdString();
    if (question.editedId != 0) {
        return [row, editedId = question.editedId](storage::Database& database) -> Status {
            auto edited = database.messages().edit(editedId, row.content, row.id);
            return edited ? Status() : fail(edited.error());
        };
    }
    const storage::NewChat chat{
        message.chatId, 0, titleFromMessage(message.text).toStdString(), {}, question.settingsJson};
    return [row, chat, isNewChat = question.isNewChat,
            hasDraft = !question.isTemporary](storage::Database& database) -> Status {
        if (isNewChat) {
            SOTTO_TRY(storeInNewChat(database, chat, row));
            if (hasDraft) static_cast<void>(ChatSettings::removeNew(database));
        } else if (auto added = database.messages().add(row); !added) {
            return fail(added.error());
        }
        // The stored draft goes only after the message is safe, and the message is safe without it.
        if (hasDraft)
            static_cast<void>(
                DraftKeeper::remove(database, isNewChat ? DraftKeeper::kNewChat : chat.id));
        return {};
    };
}

}  // namespace

AskFlow::AskFlow(EngineBridge& engine, QObject* parent)
    : QObject(parent), m_engine(engine), m_answers(engine), m_warmer(engine) {
    connect(&m_answers, &AnswerRunner::finished, this,
            [this](qint64 chatId, const Message& answer) {
                const bool isLast = m_answers.answersIn(chatId).empty();
                if (isLast) take(chatId, Event::Ended);
                m_warmer.end(answer, isLast);
            });
}

bool AskFlow::take(qint64 chatId, Event event) {
    const Stage before = stage(chatId);
    const Stage after = next(before, event);
    if (after == before) return false;
    if (after == Stage::Idle)
        m_stages.remove(chatId);
    else
        m_stages[chatId] = after;
    emit stageChanged(chatId);
    return true;
}

void AskFlow::send(Question question) {
    if (!take(question.message.chatId, Event::Sent)) return;
    if (question.editedId == 0 && !question.isTemporary)
        m_onTheirWay[question.message.chatId] = question.message.text;
    StorageBridge& storage = *question.job.storage;
    auto commit = commitOf(question);
    storage.submit(this, std::move(commit),
                   [this, question = std::move(question)](const Status& status) {
                       takeStored(question, status);
                   });
}

void AskFlow::takeStored(const Question& question, const Status& status) {
    const qint64 chatId = question.message.chatId;
    m_onTheirWay.remove(chatId);
    if (!status) {
        take(chatId, Event::NotStored);
        emit refused(question, status.error());
        return;
    }
    emit stored(question);
    const bool isAsked = question.wantsAnswer && m_engine.engine() != nullptr;
    if (!isAsked) take(chatId, Event::Stopped);
    take(chatId, Event::Stored);
    if (stage(chatId) == Stage::Answering) begin(question.job);
}

void AskFlow::ask(const AnswerJob& job) {
    if (m_engine.engine() != nullptr && take(job.chatId, Event::Asked)) begin(job);
}

void AskFlow::begin(const AnswerJob& job) {
    m_warmer.begin(job);
    const Message answer = m_answers.start(job);
    emit began(answer, job.continued.has_value());
}

void AskFlow::stop(qint64 chatId) {
    take(chatId, Event::Stopped);
    m_answers.stop(chatId);
}

void AskFlow::discard(qint64 chatId, StorageBridge& storage) {
    if (chatId == 0) return;
    take(chatId, Event::Stopped);
    m_answers.forget(chatId);
    m_warmer.forget(chatId);
    take(chatId, Event::Ended);
    // Behind a commit that is still queued, so that its rows go as well. A chat that could not be
    // made is not there, and that is what is wanted.
    storage.submit(
        this, [chatId](storage::Database& database) { return database.chats().remove(chatId); },
        [](const Status&) {});
}

}  // namespace sotto::app
