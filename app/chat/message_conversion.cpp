#include "app/chat/message_conversion.h"

#include <QJsonDocument>
#include <QJsonObject>

#include "app/core/speed_store.h"

namespace sotto::app {
namespace {

MessageListModel::MessageState toState(storage::MessageState state) {
    switch (state) {
        case storage::MessageState::Writing: return MessageListModel::Writing;
        case storage::MessageState::Done: return MessageListModel::Done;
        case storage::MessageState::Stopped: return MessageListModel::Stopped;
        case storage::MessageState::Failed: return MessageListModel::Failed;
    }
    return MessageListModel::Done;
}

MessageListModel::MessageRole toRole(storage::MessageRole role) {
    switch (role) {
        case storage::MessageRole::System: return MessageListModel::System;
        case storage::MessageRole::User: return MessageListModel::User;
        case storage::MessageRole::Assistant: return MessageListModel::Assistant;
        case storage::MessageRole::Tool: return MessageListModel::Tool;
    }
    return MessageListModel::User;
}

Role promptRole(MessageListModel::MessageRole role) {
    switch (role) {
        case MessageListModel::System: return Role::System;
        case MessageListModel::User: return Role::User;
        case MessageListModel::Assistant: return Role::Assistant;
        case MessageListModel::Tool: return Role::Tool;
    }
    return Role::User;
}

}  // namespace

Message toMessage(const storage::MessageRecord& record) {
    Message message;
    message.id = record.id;
    message.chatId = record.chatId;
    message.parentId = record.parentId;
    message.role = toRole(record.role);
    message.text = QString::fromStdString(record.content);
    message.thinking = QString::fromStdString(record.thinking);
    message.tokens = {record.tokens.ids, record.tokens.vocabulary};
    message.state = toState(record.state);
    message.versionIndex = record.versionIndex;
    message.versionCount = record.versionCount;
    message.previousVersionId = record.previousVersionId;
    message.nextVersionId = record.nextVersionId;
    message.stats = statsFromJson(record.statsJson);
    message.failure = record.failure;
    message.error = QString::fromStdString(record.error);
    message.modelName = QString::fromStdString(record.modelName);
    message.time = QDateTime::fromMSecsSinceEpoch(record.createdAt);
    message.isDamaged = record.isDamaged;
    message.readableBytes = record.readableBytes;
    message.totalBytes = record.totalBytes;
    return message;
}

std::vector<Message> toMessages(const std::vector<storage::MessageRecord>& records) {
    std::vector<Message> messages;
    messages.reserve(records.size());
    for (const storage::MessageRecord& record : records) messages.push_back(toMessage(record));
    return messages;
}

std::string statsToJson(const MessageStats& stats) {
    const QJsonObject object{{QStringLiteral("tokens_per_s"), stats.tokensPerSecond},
                             {QStringLiteral("ttft_ms"), stats.ttftMs},
                             {QStringLiteral("tokens"), stats.tokens},
                             {QStringLiteral("prompt_tokens"), stats.promptTokens},
                             {QStringLiteral("reused_tokens"), stats.reusedTokens},
                             {QStringLiteral("restored_tokens"), stats.restoredTokens},
                             {QStringLiteral("dropped_tokens"), stats.droppedTokens},
                             {QStringLiteral("forgotten_tokens"), stats.forgottenTokens},
                             {QStringLiteral("draft_gain"), stats.draftGain},
                             {QStringLiteral("draft_kept"), stats.draftKept},
                             {QStringLiteral("thinking_s"), stats.thinkingSeconds},
                             {QStringLiteral("thinking_tokens"), stats.thinkingTokens},
                             {QStringLiteral("stop_reason"), stats.stopReason},
                             {QStringLiteral("seed"), stats.seed}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

MessageStats statsFromJson(const std::string& json) {
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    MessageStats stats;
    stats.tokensPerSecond = object[QStringLiteral("tokens_per_s")].toDouble();
    stats.ttftMs = object[QStringLiteral("ttft_ms")].toDouble();
    stats.tokens = object[QStringLiteral("tokens")].toInt();
    stats.promptTokens = object[QStringLiteral("prompt_tokens")].toInt();
    stats.reusedTokens = object[QStringLiteral("reused_tokens")].toInt();
    stats.restoredTokens = object[QStringLiteral("restored_tokens")].toInt();
    stats.droppedTokens = object[QStringLiteral("dropped_tokens")].toInt();
    stats.forgottenTokens = object[QStringLiteral("forgotten_tokens")].toInt();
    stats.draftGain = object[QStringLiteral("draft_gain")].toDouble();
    stats.draftKept = object[QStringLiteral("draft_kept")].toDouble();
    stats.thinkingSeconds = object[QStringLiteral("thinking_s")].toDouble();
    stats.thinkingTokens = object[QStringLiteral("thinking_tokens")].toInt();
    stats.stopReason = object[QStringLiteral("stop_reason")].toString();
    stats.seed = object[QStringLiteral("seed")].toString();
    return stats;
}

void applyStats(MessageStats& stats, const RequestStats& measured, const std::string& stopReason) {
    stats.tokensPerSecond = measured.tokensPerSecond;
    stats.ttftMs = measured.ttftMs;
    stats.tokens = static_cast<int>(measured.generatedTokens);
    stats.promptTokens = static_cast<int>(measured.promptTokens);
    stats.reusedTokens = static_cast<int>(measured.reusedTokens);
    stats.restoredTokens = static_cast<int>(measured.restoredTokens);
    stats.forgottenTokens = static_cast<int>(measured.leftOutTokens + measured.slidTokens);
    stats.draftGain = measured.draftGain;
    stats.draftKept = keptPerStep(measured.draftAccepted, measured.draftSteps);
    stats.stopReason = QString::fromStdString(stopReason);
    stats.seed = QString::number(measured.seed);
}

AnswerTokens joinedTokens(const AnswerTokens& before, bool hasBefore, const AnswerTokens& more) {
    if (!hasBefore) return more;
    if (before.ids.empty() || before.vocabulary != more.vocabulary) return {};
    AnswerTokens tokens = before;
    tokens.ids.insert(tokens.ids.end(), more.ids.begin(), more.ids.end());
    return tokens;
}

PathPrompt toPathPrompt(const std::vector<Message>& path, const QString& systemPrompt) {
    PathPrompt made;
    ChatPrompt& prompt = made.prompt;
    if (!systemPrompt.trimmed().isEmpty()) {
        prompt.messages.push_back({Role::System, systemPrompt.toStdString(), {}});
        made.rows.push_back(0);
    }
    for (std::size_t row = 0; row < path.size(); ++row) {
        const Message& message = path[row];
        // Half of a sentence would be answered as if it were meant so; and an answer that was
        // stopped before its first word says nothing to the model.
        if (message.isDamaged || (!message.isUser() && message.text.isEmpty())) continue;
        const Role role = promptRole(message.role);
        // Many templates insist on turns that alternate, so what stands on both sides of a message
        // that is left out becomes one turn.
        const bool isTurn = role == Role::User || role == Role::Assistant;
        if (isTurn && !prompt.messages.empty() && prompt.messages.back().role == role) {
            prompt.messages.back().content += "\n\n" + message.text.toStdString();
            prompt.messages.back().tokens = {};
            continue;
        }
        prompt.messages.push_back(
            {role, message.text.toStdString(), message.thinking.toStdString(), message.tokens});
        made.rows.push_back(row);
    }
    return made;
}

QString titleFromMessage(const QString& text) {
    constexpr qsizetype kLongest = 60;
    const QString line = text.trimmed().section(QLatin1Char('\n'), 0, 0).simplified();
    if (line.size() <= kLongest) return line;
    const qsizetype blank = line.lastIndexOf(QLatin1Char(' '), kLongest);
    // Chinese has no blanks: then the cut is anywhere, but never inside a surrogate pair.
    qsizetype end = blank > kLongest / 2 ? blank : kLongest;
    if (line[end - 1].isHighSurrogate()) --end;
    return line.left(end) + QChar(0x2026);
}

}  // namespace sotto::app
