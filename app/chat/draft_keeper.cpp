#include "app/chat/draft_keeper.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <utility>

namespace sotto::app {
namespace {

constexpr int kDraftPauseMs = 400;

// The draft of a chat that does not exist yet is kept with the app's settings, whose values are
// JSON.
constexpr const char* kNewDraftKey = "chat.newDraft";

QString fromJson(const std::string& json) {
    const QByteArray wrapped = "[" + QByteArray::fromStdString(json) + "]";
    return QJsonDocument::fromJson(wrapped).array().at(0).toString();
}

std::string toJson(const QString& draft) {
    const QByteArray wrapped = QJsonDocument(QJsonArray{draft}).toJson(QJsonDocument::Compact);
    return wrapped.mid(1, wrapped.size() - 2).toStdString();
}

QString joined(const QString& first, const QString& second) {
    if (second.startsWith(first)) return second;  // joined before, or the stored copy of the same
    return second.isEmpty() ? first : first + QStringLiteral("\n\n") + second;
}

QString draftKeyOf(qint64 chatId) { return QStringLiteral("draft/") + QString::number(chatId); }

Status writeDraft(storage::Database& database, qint64 chatId, const QString& text) {
    if (chatId == DraftKeeper::kNewChat) return database.settings().set(kNewDraftKey, toJson(text));
    const Status status = database.chats().setDraft(chatId, text.toStdString());
    // Of a chat that is not there (any more) nothing can be kept.
    return !status && status.error().code == ErrorCode::NotFound ? Status() : status;
}

}  // namespace

DraftKeeper::DraftKeeper(StorageBridge& storage, QObject* parent)
    : QObject(parent), m_storage(storage) {
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &DraftKeeper::flush);
}

DraftKeeper::~DraftKeeper() { flush(); }

QString DraftKeeper::load(storage::Database& database, qint64 chatId) {
    if (chatId == kNewChat) {
        const auto draft = database.settings().value(kNewDraftKey);
        return draft && *draft ? fromJson(**draft) : QString();
    }
    const auto draft = database.chats().draft(chatId);
    return draft ? QString::fromStdString(*draft) : QString();
}

Status DraftKeeper::remove(storage::Database& database, qint64 chatId) {
    return writeDraft(database, chatId, {});
}

void DraftKeeper::show(qint64 chatId, bool isTemporary) {
    flush();
    m_chatId = chatId;
    m_isTemporary = isTemporary;
    m_isStoredKnown = isTemporary;
    show(isTemporary ? QString() : m_drafts.value(chatId).text);
}

void DraftKeeper::show(const QString& text) {
    m_text = text;
    emit changed();
}

void DraftKeeper::takeStored(qint64 chatId, const QString& stored) {
    if (m_isTemporary || chatId != m_chatId) return;
    m_isStoredKnown = true;
    const auto draft = m_drafts.find(chatId);
    if (draft == m_drafts.end()) {
        if (m_text.isEmpty() && !stored.isEmpty()) show(stored);
    } else if (draft->isBeforeStored) {
        const QString whole = joined(draft->text, stored);
        keep(chatId, {whole});
        show(whole);
    }
}

void DraftKeeper::type(const QString& text) {
    if (text == m_text) return;
    if (!m_isTemporary) keep(m_chatId, {text});
    show(text);
}

void DraftKeeper::keep(qint64 chatId, const Draft& draft) {
    m_drafts[chatId] = draft;
    m_pause.start(kDraftPauseMs);
}

void DraftKeeper::clear() {
    m_drafts.remove(m_chatId);
    // One that waits for room on the disk must not come back after the message.
    if (!m_isTemporary && m_storage.isHeld(draftKeyOf(m_chatId)))
        m_storage.keep(draftKeyOf(m_chatId), {}, [chatId = m_chatId](storage::Database& database) {
            return remove(database, chatId);
        });
    show(QString());
}

void DraftKeeper::becomes(qint64 chatId) { m_chatId = chatId; }

void DraftKeeper::giveBack(qint64 chatId, qint64 sentFrom, const QString& text) {
    // What was typed for the chat that was not made belongs to the new chat as well.
    const QString typedSince = sentFrom == chatId ? QString() : m_drafts.take(sentFrom).text;
    const bool isShown = chatId == m_chatId;
    const QString words = joined(text, isShown && typedSince == m_text ? QString() : typedSince);
    if (isShown) {
        const QString whole = joined(words, m_text);
        if (!m_isTemporary) keep(chatId, {whole, !m_isStoredKnown});
        show(whole);
    } else {
        const Draft other = m_drafts.value(chatId);
        keep(chatId,
             {joined(words, other.text), !m_drafts.contains(chatId) || other.isBeforeStored});
    }
}

void DraftKeeper::flush() {
    m_pause.stop();
    for (auto draft = m_drafts.begin(); draft != m_drafts.end(); ++draft) {
        if (std::exchange(draft->isSaved, true)) continue;
        m_storage.keep(draftKeyOf(draft.key()), draft->text,
                       [chatId = draft.key(), text = draft->text,
                        isBeforeStored = draft->isBeforeStored](storage::Database& database) {
                           return writeDraft(
                               database, chatId,
                               isBeforeStored ? joined(text, load(database, chatId)) : text);
                       });
    }
}

}  // namespace sotto::app
