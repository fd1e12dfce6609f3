#include "app/chat/answer_runner.h"

#include <algorithm>
#include <vector>

#include "app/bridge/error_text.h"
#include "app/chat/message_conversion.h"

namespace sotto::app {

AnswerRunner::AnswerRunner(EngineBridge& engine, QObject* parent)
    : QObject(parent), m_engine(engine) {
    connect(&engine, &EngineBridge::promptProgressed, this, &AnswerRunner::takeProgress);
    connect(&engine, &EngineBridge::textArrived, this, &AnswerRunner::takeText);
    connect(&engine, &EngineBridge::generationFinished, this, &AnswerRunner::takeFinish);
    connect(&engine, &EngineBridge::generationFailed, this, &AnswerRunner::takeFailure);
}

Message AnswerRunner::start(const AnswerJob& job) {
    Answer answer;
    answer.storage = job.storage;
    if (job.continued) {
        answer.message = *job.continued;
        answer.isContinued = true;
        answer.tokensBefore = answer.message.stats.tokens;
        const qint64 id = answer.message.id;
        job.storage->submit(
            this,
            [id](storage::Database& database) { return database.messages().continueAnswer(id); },
            [this, id](const Status& status) {
                if (!status) noteUnstored(id, status.error());
            });
    } else {
        answer.message.id = job.storage->newId();
        answer.message.chatId = job.chatId;
        answer.message.parentId = job.parentId;
        answer.message.modelName = job.modelName;
        answer.message.time = QDateTime::currentDateTime();
        storage::NewAnswer row{answer.message.id, job.chatId, job.parentId,
                               job.modelName.toStdString()};
        job.storage->submit(
            this,
            [row](storage::Database& database) { return database.messages().beginAnswer(row); },
            [this, id = row.id](const Result<storage::MessageRecord>& begun) {
                if (!begun) noteUnstored(id, begun.error());
            });
    }
    answer.message.state = MessageListModel::Waiting;
    answer.message.error.clear();
    const Message shown = answer.message;
    const RequestId request = m_engine.engine()->submit(job.request);
    m_answers.emplace(request, std::move(answer));
    emit writingChanged(job.chatId);
    return shown;
}

void AnswerRunner::noteUnstored(qint64 messageId, const Error& error) {
    for (auto& [request, answer] : m_answers)
        if (answer.message.id == messageId) answer.isStored = false;
    emit unstored(error);
}

void AnswerRunner::stop(qint64 chatId) {
    std::vector<RequestId> waiting;
    for (auto& [request, answer] : m_answers) {
        if (answer.message.chatId != chatId) continue;
        m_engine.engine()->cancel(request);
        if (answer.message.state == MessageListModel::Waiting) waiting.push_back(request);
    }
    // What waits for a loading model ends here at once; the engine's word for it comes later and
    // finds nothing.
    for (const RequestId request : waiting) {
        m_answers.at(request).message.state = MessageListModel::Stopped;
        end(request);
    }
}

const Message* AnswerRunner::answerIn(qint64 chatId) const {
    const auto found =
        std::find_if(m_answers.begin(), m_answers.end(),
                     [chatId](const auto& entry) { return entry.second.message.chatId == chatId; });
    return found == m_answers.end() ? nullptr : &found->second.message;
}

bool AnswerRunner::isWriting(qint64 chatId) const { return answerIn(chatId) != nullptr; }

double AnswerRunner::readProgress(qint64 chatId) const {
    for (const auto& [request, answer] : m_answers)
        if (answer.message.chatId == chatId) return answer.readProgress;
    return 0;
}

void AnswerRunner::takeProgress(const PromptProgress& progress) {
    const auto found = m_answers.find(progress.request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    answer.message.state = MessageListModel::Reading;
    answer.readProgress = progress.promptTokens > 0
                              ? static_cast<double>(progress.processedTokens) /
                                    static_cast<double>(progress.promptTokens)
                              : 0;
    emit changed(answer.message.chatId, answer.message.id);
}

void AnswerRunner::takeText(const TextRun& run) {
    const auto found = m_answers.find(run.request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    Message& message = answer.message;
    const bool isThinking = run.kind == TextKind::Thinking;
    message.state = isThinking ? MessageListModel::Thinking : MessageListModel::Writing;
    if (isThinking) {
        if (!answer.thinkingTimer.isValid()) answer.thinkingTimer.start();
        message.thinking += QString::fromStdString(run.text);
        message.stats.thinkingTokens += run.nTokens;
        message.stats.thinkingSeconds =
            static_cast<double>(answer.thinkingTimer.elapsed()) / 1000.0;
    } else {
        message.text += QString::fromStdString(run.text);
    }
    message.stats.tokens += run.nTokens;
    if (answer.isStored)
        answer.storage->submit(
            [id = message.id, isThinking, text = run.text](storage::Database& database) {
                return database.messages().appendAnswer(id, isThinking ? std::string() : text,
                                                        isThinking ? text : std::string());
            });
    emit changed(message.chatId, message.id);
}

void AnswerRunner::takeFinish(const GenerationFinished& finish) {
    const auto found = m_answers.find(finish.request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    Message& message = answer.message;
    message.state =
        finish.reason == StopReason::Cancelled ? MessageListModel::Stopped : MessageListModel::Done;
    applyStats(message.stats, finish.stats, stopReasonName(finish.reason));
    message.stats.tokens += answer.tokensBefore;
    end(finish.request);
}

void AnswerRunner::takeFailure(const GenerationFailed& failure) {
    const auto found = m_answers.find(failure.request);
    if (found == m_answers.end()) return;
    Message& message = found->second.message;
    message.state = failure.error.code == ErrorCode::Cancelled ? MessageListModel::Stopped
                                                               : MessageListModel::Failed;
    if (message.state == MessageListModel::Failed) message.error = errorText(failure.error);
    end(failure.request);
}

void AnswerRunner::end(RequestId request) {
    const auto node = m_answers.extract(request);
    const Message& message = node.mapped().message;
    storage::AnswerEnd ending;
    ending.state = message.state == MessageListModel::Done      ? storage::MessageState::Done
                   : message.state == MessageListModel::Stopped ? storage::MessageState::Stopped
                                                                : storage::MessageState::Failed;
    ending.statsJson = statsToJson(message.stats);
    ending.error = message.error.toStdString();
    if (node.mapped().isStored) {
        node.mapped().storage->submit([id = message.id, ending](storage::Database& database) {
            return database.messages().finishAnswer(id, ending);
        });
    } else {
        storeWhole(node.mapped(), ending);
    }
    emit finished(message.chatId, message);
    emit writingChanged(message.chatId);
}

// The last chance of an answer that storage could not begin: once more, as a whole.
void AnswerRunner::storeWhole(const Answer& answer, const storage::AnswerEnd& ending) {
    const Message& message = answer.message;
    storage::NewAnswer row{message.id, message.chatId, message.parentId,
                           message.modelName.toStdString()};
    answer.storage->submit(
        this,
        [row, ending, isContinued = answer.isContinued, text = message.text.toStdString(),
         thinking = message.thinking.toStdString()](storage::Database& database) -> Status {
            // What a continued answer had before is on disk; only a copy beside it keeps both.
            if (isContinued) {
                auto edited = database.messages().edit(row.id, text);
                return edited ? Status() : fail(edited.error());
            }
            if (auto begun = database.messages().beginAnswer(row); !begun)
                return fail(begun.error());
            if (auto added = database.messages().appendAnswer(row.id, text, thinking); !added)
                return added;
            return database.messages().finishAnswer(row.id, ending);
        },
        [this](const Status& status) {
            if (!status) emit unstored(status.error());
        });
}

}  // namespace sotto::app
