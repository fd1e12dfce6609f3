#include "tests/app/support/stored_chats.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include "app/chat/message_conversion.h"

namespace sotto::app {
namespace {

template <typename T>
T must(Result<T> outcome) {
    if (!outcome) qFatal("the test's chat cannot be stored: %s", outcome.error().message.c_str());
    return std::move(*outcome);
}
void must(const Status& status) {
    if (!status) qFatal("the test's chat cannot be stored: %s", status.error().message.c_str());
}

std::string statsOf(const QVariantMap& message) {
    MessageStats stats;
    stats.tokensPerSecond = message[QStringLiteral("tokensPerSecond")].toDouble();
    stats.ttftMs = message[QStringLiteral("ttftMs")].toDouble();
    stats.tokens = message[QStringLiteral("tokenCount")].toInt();
    stats.promptTokens = message[QStringLiteral("promptTokens")].toInt();
    stats.reusedTokens = message[QStringLiteral("reusedTokens")].toInt();
    stats.thinkingSeconds = message[QStringLiteral("thinkingSeconds")].toDouble();
    stats.thinkingTokens = message[QStringLiteral("thinkingTokens")].toInt();
    stats.stopReason = message[QStringLiteral("stopReason")].toString();
    return statsToJson(stats);
}

storage::MessageId addQuestion(storage::Database& database, storage::ChatId chat,
                               storage::MessageId parent, const QString& text) {
    storage::NewMessage row;
    row.chatId = chat;
    row.parentId = parent;
    row.content = text.toStdString();
    return must(database.messages().add(row)).id;
}

storage::MessageId addAnswer(storage::Database& database, storage::ChatId chat,
                             storage::MessageId parent, const QString& text,
                             const QVariantMap& message) {
    storage::NewAnswer row{0, chat, parent,
                           message[QStringLiteral("modelName")].toString().toStdString()};
    const storage::MessageId id = must(database.messages().beginAnswer(row)).id;
    must(database.messages().appendAnswer(
        id, text.toStdString(), message[QStringLiteral("thinkingText")].toString().toStdString()));
    storage::AnswerEnd end;
    if (message[QStringLiteral("isStopped")].toBool()) end.state = storage::MessageState::Stopped;
    end.statsJson = statsOf(message);
    must(database.messages().finishAnswer(id, end));
    return id;
}

// All versions of one place; returns the one that is shown.
storage::MessageId addMessage(storage::Database& database, storage::ChatId chat,
                              storage::MessageId parent, const QVariantMap& message) {
    QStringList versions = message[QStringLiteral("versions")].toStringList();
    if (versions.isEmpty()) versions.append(message[QStringLiteral("text")].toString());
    const int shown = message.value(QStringLiteral("shownVersion"), versions.size()).toInt();
    storage::MessageId shownId = 0;
    for (qsizetype index = 0; index < versions.size(); ++index) {
        const storage::MessageId id =
            message[QStringLiteral("isUser")].toBool()
                ? addQuestion(database, chat, parent, versions[index])
                : addAnswer(database, chat, parent, versions[index], message);
        if (index + 1 == shown) shownId = id;
    }
    if (versions.size() > 1) must(database.messages().setActiveVersion(shownId));
    return shownId;
}

}  // namespace

qint64 storeChat(storage::Storage& storage, const QVariantMap& chat, const QVariantList& messages) {
    qint64 id = 0;
    must(storage.call([&](storage::Database& database) -> Status {
        storage::NewChat row;
        row.folderId = chat[QStringLiteral("folderId")].toLongLong();
        row.title = chat[QStringLiteral("title")].toString().toStdString();
        if (const QString prompt = chat[QStringLiteral("systemPrompt")].toString();
            !prompt.isEmpty())
            row.settingsJson = QJsonDocument(QJsonObject{{QStringLiteral("systemPrompt"), prompt}})
                                   .toJson(QJsonDocument::Compact)
                                   .toStdString();
        id = must(database.chats().create(row)).id;
        storage::MessageId parent = 0;
        for (const QVariant& message : messages)
            parent = addMessage(database, id, parent, message.toMap());
        if (chat[QStringLiteral("isPinned")].toBool()) must(database.chats().setPinned(id, true));
        if (const QString draft = chat[QStringLiteral("draft")].toString(); !draft.isEmpty())
            must(database.chats().setDraft(id, draft.toStdString()));
        return {};
    }));
    return id;
}

qint64 storeFolder(storage::Storage& storage, const QString& name, bool isCollapsed) {
    qint64 id = 0;
    must(storage.call([&](storage::Database& database) -> Status {
        id = must(database.folders().create(name.toStdString())).id;
        return database.folders().setCollapsed(id, isCollapsed);
    }));
    return id;
}

QVariantList longConversation(int nMessages) {
    const QString answer = QStringLiteral(
        "Here is answer **%1** with `code`, a [link](https://example.org) and a list:\n\n"
        "1. First point of %1, long enough to be wrapped at the width of the column, because real "
        "answers are.\n2. Second point\n   - nested\n\n```python\ndef f%1(x):\n    return x + %1  "
        "# adds\n```\n\n| a | b |\n|---|--:|\n| %1 | 2 |\n\n> A quote.\n\nAnd a last paragraph "
        "that says what was done and why it was done in this way.");
    QVariantList messages;
    for (int index = 0; index < nMessages; ++index) {
        const bool isUser = index % 2 == 0;
        messages.append(
            QVariantMap{{QStringLiteral("isUser"), isUser},
                        {QStringLiteral("text"),
                         isUser ? QStringLiteral("Question %1?").arg(index) : answer.arg(index)},
                        {QStringLiteral("tokensPerSecond"), 42}});
    }
    return messages;
}

}  // namespace sotto::app
