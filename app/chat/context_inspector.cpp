#include "app/chat/context_inspector.h"

#include <QStringDecoder>
#include <QVariantMap>
#include <algorithm>
#include <utility>

#include "app/bridge/engine_bridge.h"
#include "app/bridge/error_text.h"
#include "app/chat/answer_runner.h"
#include "app/chat/asker.h"
#include "app/chat/chat_session.h"
#include "app/chat/chat_settings.h"
#include "app/chat/sent_turns.h"
#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"

namespace sotto::app {
namespace {

// Of a long message so many tokens from its beginning and its end: what lies between is the same
// text that stands in the chat.
constexpr int kShownFirst = 120;
constexpr int kShownLast = 40;
constexpr qsizetype kExcerptLength = 80;

ContextInspector::Kind kindOf(Role role) {
    switch (role) {
        case Role::System: return ContextInspector::SystemPrompt;
        case Role::User: return ContextInspector::Question;
        case Role::Assistant: return ContextInspector::Answer;
        case Role::Tool: return ContextInspector::Tool;
    }
    return ContextInspector::Question;
}

QString visible(QString text) {
    return text.replace(QLatin1Char('\n'), QChar(0x23CE)).replace(QLatin1Char('\t'), QChar(0x21E5));
}

QString beginningOf(std::string_view text) {
    // A character may take four bytes; one that is cut in half is at the end, behind what is shown.
    const QByteArrayView bytes(text.data(),
                               std::min<qsizetype>(std::ssize(text), 4 * kExcerptLength));
    return visible(QString::fromUtf8(bytes).left(kExcerptLength));
}

}  // namespace

ContextInspector::ContextInspector(const Parts& parts, QObject* parent)
    : RowModel(parent), m_parts(parts) {
    connect(&m_parts.session, &ChatSession::pathChanged, this, &ContextInspector::look);
    connect(&m_parts.settings, &ChatSettings::changed, this, &ContextInspector::look);
    connect(&m_parts.models, &ModelController::stateChanged, this, &ContextInspector::look);
    connect(&m_parts.answers, &AnswerRunner::changed, this, &ContextInspector::takeCounts);
}

ContextInspector::~ContextInspector() { m_parts.jobs.cancel(m_looking); }

void ContextInspector::open(int row) {
    m_messageId = m_parts.session.hasRow(row) ? m_parts.session.at(row).id : 0;
    if (!std::exchange(m_isOpen, true)) emit openChanged();
    look();
}

void ContextInspector::close() {
    if (!std::exchange(m_isOpen, false)) return;
    m_messageId = 0;
    showNothing(NoAnswer);
    emit openChanged();
}

// Of the chat on screen: another one is looked at by its last answer.
int ContextInspector::rowOfAnswer() const {
    const ChatSession& session = m_parts.session;
    if (m_messageId != 0) {
        const int row = session.rowOf(m_messageId);
        if (row >= 0) return row;
    }
    for (int row = session.count() - 1; row >= 0; --row)
        if (session.at(row).role == MessageListModel::Assistant) return row;
    return -1;
}

ContextInspector::Counts ContextInspector::countsOf(int row) const {
    const Message& answer = m_parts.session.at(row);
    const PromptProgress progress = m_parts.answers.readProgress(answer.id);
    if (progress.promptTokens > 0)
        return {static_cast<int>(progress.promptTokens), static_cast<int>(progress.reusedTokens),
                static_cast<int>(progress.restoredTokens)};
    return {answer.stats.promptTokens, answer.stats.reusedTokens, answer.stats.restoredTokens};
}

void ContextInspector::look() {
    if (!m_isOpen) return;
    const int row = rowOfAnswer();
    if (m_messageId != 0 && m_parts.session.rowOf(m_messageId) < 0) m_messageId = 0;
    if (row < 0) return showNothing(NoAnswer);
    const Engine* engine = m_parts.engine.engine();
    if (engine == nullptr || m_parts.models.state() != ModelController::Loaded)
        return showNothing(NoModel);
    m_parts.jobs.cancel(m_looking);
    const std::vector<Message> path = m_parts.session.pathUntil(row);
    // What was asked before turns went was asked with them.
    const bool isWhole = m_parts.session.at(row).stats.tokens > 0 &&
                         m_parts.session.at(row).stats.droppedTokens == 0;
    const std::vector<DroppedTurns> turns =
        isWhole ? std::vector<DroppedTurns>() : m_parts.settings.layer().dropped();
    const LeftOut leftOut = leftOutOf(path, turns);
    ChatPrompt chat = promptFor(path, m_parts.settings, turns);
    Row dropped{Dropped, static_cast<int>(leftOut.nMessages), {},
                0,       static_cast<int>(leftOut.nTokens),   true};
    if (leftOut.nMessages > 0) dropped.excerpt = beginningOf(path.front().text.toStdString());
    if (m_state != Ready) {
        m_state = Looking;
        emit changed();
    }
    m_looking = startForWindow(
        m_parts.jobs, this, shortCountJob("describe a prompt"),
        [engine, chat](JobContext&) { return engine->describePrompt(chat); },
        [this, chat, dropped, generation = ++m_generation](Result<PromptDescription> prompt) {
            if (generation == m_generation) take(std::move(prompt), chat, dropped);
        });
}

void ContextInspector::takeCounts() {
    const int row = m_isOpen && m_state == Ready ? rowOfAnswer() : -1;
    if (row < 0 || m_parts.session.at(row).id != m_shownId) return;
    const Counts counts = countsOf(row);
    if (counts == m_counts) return;
    m_counts = counts;
    if (count() > 0) emit dataChanged(index(0), index(count() - 1));
    emit changed();
    emit currentChanged();
}

void ContextInspector::take(Result<PromptDescription> prompt, const ChatPrompt& chat,
                            const Row& dropped) {
    const int row = rowOfAnswer();
    if (!prompt || row < 0) {
        showNothing(row < 0 ? NoAnswer : Failed);
        if (!prompt) m_problem = prompt.error();
        emit changed();
        return;
    }
    m_prompt = std::move(*prompt);
    m_shownId = m_parts.session.at(row).id;
    m_counts = countsOf(row);
    m_state = Ready;
    std::vector<Row> rows;
    int number = dropped.number;
    for (std::size_t at = 0; at < m_prompt.parts.size() && at < chat.messages.size(); ++at) {
        const PromptPart& part = m_prompt.parts[at];
        const ChatMessage& message = chat.messages[at];
        const bool isSystem = message.role == sotto::Role::System;
        if (!isSystem && number == dropped.number && number > 0) rows.push_back(dropped);
        if (!isSystem) ++number;
        if (part.nThinkingLeftOut > 0)
            rows.push_back({Thinking, number, beginningOf(message.thinking), 0,
                            static_cast<int>(part.nThinkingLeftOut), true});
        const bool isLeftOut = part.nTokens == 0 && part.nTextLeftOut > 0;
        rows.push_back({kindOf(message.role), number,
                        isLeftOut ? beginningOf(message.content) : excerptOf(part),
                        static_cast<int>(part.firstToken),
                        static_cast<int>(isLeftOut ? part.nTextLeftOut : part.nTokens), isLeftOut});
    }
    const bool isAtEnd = m_current < 0 || m_current == count() - 1;
    replaceRows(m_rows, std::move(rows));
    if (isAtEnd || m_current >= count()) m_current = count() - 1;
    if (count() > 0) emit dataChanged(index(0), index(count() - 1));  // where it came from
    emit changed();
    emit currentChanged();
}

void ContextInspector::showNothing(State state) {
    ++m_generation;
    m_parts.jobs.cancel(m_looking);
    m_state = state;
    m_problem.reset();
    m_prompt = {};
    m_counts = {};
    replaceRows(m_rows, {});
    m_current = -1;
    emit changed();
    emit currentChanged();
}

QString ContextInspector::problem() const { return m_problem ? errorText(*m_problem) : QString(); }

int ContextInspector::contextTokens() const { return m_parts.models.contextTokens(); }

int ContextInspector::leftOutTokens() const {
    int nTokens = 0;
    for (const Row& row : m_rows) nTokens += row.isLeftOut ? row.nTokens : 0;
    return nTokens;
}

QString ContextInspector::promptText() const { return QString::fromStdString(m_prompt.text); }

void ContextInspector::setCurrent(int row) {
    row = std::clamp(row, count() > 0 ? 0 : -1, count() - 1);
    if (row == m_current) return;
    m_current = row;
    emit currentChanged();
}

int ContextInspector::firstToken() const {
    if (m_current < 0) return 0;
    const Row& row = m_rows[static_cast<std::size_t>(m_current)];
    return row.isLeftOut ? 0 : row.firstToken + 1;
}

int ContextInspector::lastToken() const {
    if (m_current < 0) return 0;
    const Row& row = m_rows[static_cast<std::size_t>(m_current)];
    return row.isLeftOut ? 0 : row.firstToken + row.nTokens;
}

// The cache holds a beginning: first what is in memory, then what comes from disk.
ContextInspector::Origin ContextInspector::originOf(int token) const {
    if (m_counts.prompt == 0 || isChanged()) return Unknown;
    if (token < m_counts.reused) return Memory;
    return token < m_counts.reused + m_counts.restored ? Disk : Read;
}

int ContextInspector::tokensFrom(const Row& row, Origin origin) const {
    if (row.isLeftOut || originOf(0) == Unknown) return 0;
    const int ends[] = {m_counts.reused, m_counts.reused + m_counts.restored, m_counts.prompt};
    const int begin = origin == Memory ? 0 : ends[origin - 1];
    const int first = std::max(begin, row.firstToken);
    return std::max(0, std::min(ends[origin], row.firstToken + row.nTokens) - first);
}

QString ContextInspector::excerptOf(const PromptPart& part) const {
    if (part.nTokens == 0) return {};
    const std::size_t begin = m_prompt.tokens[static_cast<std::size_t>(part.firstToken)].text.begin;
    const std::size_t end =
        m_prompt.tokens[static_cast<std::size_t>(part.firstToken + part.nTokens) - 1].text.end;
    return beginningOf(std::string_view(m_prompt.text).substr(begin, end - begin));
}

QVariantList ContextInspector::tokens() const {
    QVariantList shown;
    if (firstToken() == 0) return shown;
    const int begin = firstToken() - 1, end = lastToken();
    const bool isCut = end - begin > kShownFirst + kShownLast;
    QStringDecoder decoder(QStringDecoder::Utf8);
    for (int at = begin; at < end; ++at) {
        if (isCut && at == begin + kShownFirst) {
            const int gap = end - begin - kShownFirst - kShownLast;
            shown.append(QVariantMap{{QStringLiteral("gap"), gap}});
            at += gap - 1;
            decoder.resetState();
            continue;
        }
        const PromptToken& token = m_prompt.tokens[static_cast<std::size_t>(at)];
        const std::string_view bytes =
            std::string_view(m_prompt.text)
                .substr(token.text.begin, token.text.end - token.text.begin);
        // Half a character stands with the token that ends it.
        const QString text = decoder(QByteArrayView(bytes.data(), std::ssize(bytes)));
        shown.append(QVariantMap{{QStringLiteral("text"), visible(text)},
                                 {QStringLiteral("id"), token.id},
                                 {QStringLiteral("origin"), originOf(at)},
                                 {QStringLiteral("isTemplates"), token.isTemplates}});
    }
    return shown;
}

int ContextInspector::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant ContextInspector::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case KindRole: return row.kind;
        case NumberRole: return row.number;
        case Qt::DisplayRole:
        case ExcerptRole: return row.excerpt;
        case TokensRole: return row.nTokens;
        case MemoryRole: return tokensFrom(row, Memory);
        case DiskRole: return tokensFrom(row, Disk);
        case ReadRole: return tokensFrom(row, Read);
        case LeftOutRole: return row.isLeftOut;
        default: return {};
    }
}

QHash<int, QByteArray> ContextInspector::roleNames() const {
    return {{KindRole, "kind"},         {NumberRole, "number"},       {ExcerptRole, "excerpt"},
            {TokensRole, "tokenCount"}, {MemoryRole, "memoryTokens"}, {DiskRole, "diskTokens"},
            {ReadRole, "readTokens"},   {LeftOutRole, "isLeftOut"}};
}

}  // namespace sotto::app
