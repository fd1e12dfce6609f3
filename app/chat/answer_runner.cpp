#include "app/chat/answer_runner.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

// Without it an answer counts as interrupted by the end of the program.
QString reasonOfStop() { return QString::fromStdString(stopReasonName(StopReason::Cancelled)); }

}  // namespace

AnswerRunner::AnswerRunner(EngineBridge& engine, QObject* parent)
    : QObject(parent), m_engine(engine) {
    connect(&engine, &EngineBridge::promptProgressed, this, &AnswerRunner::takeProgress);
    connect(&engine, &EngineBridge::textArrived, this, &AnswerRunner::takeText);
    connect(&engine, &EngineBridge::answerWasThinking, this, &AnswerRunner::takeThinking);
    connect(&engine, &EngineBridge::generationFinished, this, &AnswerRunner::takeFinish);
    connect(&engine, &EngineBridge::generationFailed, this, &AnswerRunner::takeFailure);
    connect(&m_keeper, &AnswerKeeper::begun, this, &AnswerRunner::beginAgain);
}

AnswerRunner::~AnswerRunner() {
    for (auto& [request, answer] : m_answers) {
        answer.message.state = MessageListModel::Stopped;
        if (answer.isBegun) m_keeper.end(answer.message);
    }
}

Message AnswerRunner::start(const AnswerJob& job) {
    const Result<RequestId> request = m_engine.submit(job.request);
    const RequestId first = request ? *request : --m_lastRefused;
    // What is refused is refused once.
    const int nAnswers = request ? job.request.nAnswers : 1;
    const auto toldCauses = std::make_shared<std::set<ErrorCode>>();
    for (int index = 0; index < nAnswers; ++index) {
        Answer answer;
        answer.storage = job.storage;
        answer.toldCauses = toldCauses;
        Message& message = answer.message;
        const bool isContinued = job.continued && index == 0;
        if (isContinued) {
            message = *job.continued;
            answer.before = message.stats;
            answer.lengthBefore = message.text.size();
            answer.tokensBefore = std::exchange(message.tokens, {});
            answer.isBegun = true;
            m_keeper.reopen(message, *job.storage);
        } else {
            message.id = job.storage->newId();
            message.chatId = job.chatId;
            message.parentId = job.parentId;
            message.modelName = job.modelName;
            message.time = QDateTime::currentDateTime();
            message.isBeside = index > 0;
            if (!message.isBeside) begin(answer);
        }
        message.state = MessageListModel::Waiting;
        message.stats.droppedTokens = job.droppedTokens;
        message.stats.stopReason.clear();
        message.failure.reset();
        message.error.clear();
        m_answers.emplace(first + static_cast<RequestId>(index), std::move(answer));
    }
    // Whoever asked shows the message first and then learns how it ended.
    if (!request)
        QMetaObject::invokeMethod(
            this,
            [this, failure = GenerationFailed{first, request.error()}] { takeFailure(failure); },
            Qt::QueuedConnection);
    return m_answers.at(first).message;
}

void AnswerRunner::begin(Answer& answer) {
    if (std::exchange(answer.isBegun, true)) return;
    m_keeper.begin(answer.message, *answer.storage);
    if (answer.message.isBeside) emit versionBegan(answer.message.chatId);
}

// This storage takes answers again: those that it could not begin get their places now. Until its
// end the shown one would stand in front of the others, which could not be turned to.
void AnswerRunner::beginAgain(const StorageBridge* storage) {
    for (auto& [request, answer] : m_answers) {
        const qint64 id = answer.message.id;
        if (!m_keeper.isUnbegun(id, *storage) || m_keeper.hasRow(id)) continue;
        m_keeper.begin(answer.message, *answer.storage);
        emit versionBegan(answer.message.chatId);
    }
}

void AnswerRunner::stop(qint64 chatId) {
    std::vector<RequestId> waiting;
    for (auto& [request, answer] : m_answers) {
        if (answer.message.chatId != chatId) continue;
        m_engine.cancel(request);
        if (answer.message.state == MessageListModel::Waiting) waiting.push_back(request);
    }
    // What waits for a loading model ends here at once; the engine's word for it comes later and
    // finds nothing.
    for (const RequestId request : waiting) {
        Message& message = m_answers.at(request).message;
        message.state = MessageListModel::Stopped;
        message.stats.stopReason = reasonOfStop();
        end(request);
    }
}

void AnswerRunner::forget(qint64 chatId) {
    std::erase_if(m_answers, [this, chatId](const auto& entry) {
        if (entry.second.message.chatId != chatId) return false;
        m_engine.cancel(entry.first);
        return true;
    });
    m_keeper.forget(chatId);
}

std::vector<const Message*> AnswerRunner::answersIn(qint64 chatId) const {
    std::vector<const Message*> messages;
    for (const auto& [request, answer] : m_answers)
        if (answer.message.chatId == chatId) messages.push_back(&answer.message);
    return messages;
}

const AnswerRunner::Answer* AnswerRunner::find(qint64 messageId) const {
    const auto found = std::find_if(
        m_answers.begin(), m_answers.end(),
        [messageId](const auto& entry) { return entry.second.message.id == messageId; });
    return found == m_answers.end() ? nullptr : &found->second;
}

const Message* AnswerRunner::answer(qint64 messageId) const {
    const Answer* found = find(messageId);
    return found == nullptr ? nullptr : &found->message;
}

int AnswerRunner::countTo(qint64 questionId) const {
    return static_cast<int>(std::count_if(
        m_answers.begin(), m_answers.end(),
        [questionId](const auto& entry) { return entry.second.message.parentId == questionId; }));
}

bool AnswerRunner::isAlone(qint64 chatId) const {
    return std::all_of(m_answers.begin(), m_answers.end(), [chatId](const auto& entry) {
        return entry.second.message.chatId == chatId;
    });
}

QStringList AnswerRunner::unbegun(const StorageBridge& storage) const {
    QStringList texts;
    for (const auto& [request, answer] : m_answers)
        if (m_keeper.isUnbegun(answer.message.id, storage)) texts.append(answer.message.text);
    return texts;
}

QStringList AnswerRunner::inMemory(const StorageBridge& storage) const {
    QStringList texts = m_keeper.unwritten(storage);
    for (const auto& [request, answer] : m_answers)
        if (m_keeper.isWrittenTo(answer.message.id, storage) && !answer.message.text.isEmpty())
            texts.append(answer.message.text);
    return texts;
}

PromptProgress AnswerRunner::readProgress(qint64 messageId) const {
    const Answer* found = find(messageId);
    return found == nullptr ? PromptProgress{} : found->progress;
}

int AnswerRunner::contextTokens(qint64 messageId) const {
    const Answer* found = find(messageId);
    if (found == nullptr || found->progress.promptTokens == 0) return 0;
    return static_cast<int>(found->progress.promptTokens) + found->message.stats.tokens -
           found->before.tokens;
}

void AnswerRunner::takeProgress(const PromptProgress& progress) {
    const auto found = m_answers.find(progress.request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    answer.message.state = MessageListModel::Reading;
    answer.progress = progress;
    emit changed(answer.message.chatId, answer.message.id);
}

void AnswerRunner::takeText(const TextRun& run) {
    const auto found = m_answers.find(run.request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    Message& message = answer.message;
    // Tokens whose text is held back go on with what there was.
    const bool isThinking = run.text.empty() ? message.state == MessageListModel::Thinking
                                             : run.kind == TextKind::Thinking;
    message.state = isThinking ? MessageListModel::Thinking : MessageListModel::Writing;
    if (!run.text.empty()) begin(answer);  // the keeper is given the text below
    if (!answer.sinceFirstToken.isValid()) answer.sinceFirstToken.start();
    answer.tokensWithoutText += run.nTokens;
    const int nTokens = run.text.empty() ? 0 : std::exchange(answer.tokensWithoutText, 0);
    if (isThinking) {
        message.thinking += QString::fromStdString(run.text);
        message.stats.thinkingTokens += nTokens;
        noteThinkingTime(answer);
    } else {
        message.text += QString::fromStdString(run.text);
    }
    message.stats.tokens += run.nTokens;
    m_keeper.append(message.id, isThinking ? std::string() : run.text,
                    isThinking ? run.text : std::string());
    emit changed(message.chatId, message.id);
}

void AnswerRunner::takeThinking(RequestId request) {
    const auto found = m_answers.find(request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    Message& message = answer.message;
    const QString turned = message.text.mid(answer.lengthBefore);
    if (turned.isEmpty()) return;
    message.text.truncate(answer.lengthBefore);
    message.thinking += turned;
    message.stats.thinkingTokens =
        answer.before.thinkingTokens + message.stats.tokens - answer.before.tokens;
    noteThinkingTime(answer);
    answer.tokensWithoutText = 0;
    m_keeper.turnToThinking(message.id, turned.toUtf8().size());
    emit changed(message.chatId, message.id);
}

void AnswerRunner::noteThinkingTime(Answer& answer) {
    answer.message.stats.thinkingSeconds =
        answer.before.thinkingSeconds +
        static_cast<double>(answer.sinceFirstToken.elapsed()) / 1000.0;
}

void AnswerRunner::takeFinish(const GenerationFinished& finish) {
    const auto found = m_answers.find(finish.request);
    if (found == m_answers.end()) return;
    Answer& answer = found->second;
    Message& message = answer.message;
    message.state =
        finish.reason == StopReason::Cancelled ? MessageListModel::Stopped : MessageListModel::Done;
    applyStats(message.stats, finish.stats, stopReasonName(finish.reason));
    message.stats.tokens += answer.before.tokens;
    // Of an answer that ended before it went on nothing has changed.
    message.tokens =
        message.text.size() == answer.lengthBefore
            ? answer.tokensBefore
            : joinedTokens(answer.tokensBefore, answer.lengthBefore > 0, finish.tokens);
    end(finish.request);
}

void AnswerRunner::takeFailure(const GenerationFailed& failure) {
    const auto found = m_answers.find(failure.request);
    if (found == m_answers.end()) return;
    Message& message = found->second.message;
    message.state = failure.error.code == ErrorCode::Cancelled ? MessageListModel::Stopped
                                                               : MessageListModel::Failed;
    if (message.state == MessageListModel::Failed)
        message.failure = failure.error;
    else
        message.stats.stopReason = reasonOfStop();
    end(failure.request);
}

// Of an answer beside another one: what was stopped before its first word is nothing to come back
// to, and one cause is told once each time they are asked for.
bool AnswerRunner::isVersion(const Answer& ended) {
    const Message& message = ended.message;
    const bool isToldAlready = message.failure && ended.toldCauses->contains(message.failure->code);
    return message.state != MessageListModel::Stopped && !isToldAlready;
}

void AnswerRunner::end(RequestId request) {
    auto node = m_answers.extract(request);
    Answer& answer = node.mapped();
    const Message& message = answer.message;
    if (answer.isBegun || isVersion(answer)) {
        begin(answer);
        m_keeper.end(message);
        if (message.failure) answer.toldCauses->insert(message.failure->code);
    }
    emit finished(message.chatId, message);
}

}  // namespace sotto::app
