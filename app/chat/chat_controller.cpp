#include "app/chat/chat_controller.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QGuiApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/chat/message_conversion.h"
#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {
namespace {

constexpr int kDraftPauseMs = 400;

QString draftFromJson(const std::string& json) {
    const QByteArray wrapped = "[" + QByteArray::fromStdString(json) + "]";
    return QJsonDocument::fromJson(wrapped).array().at(0).toString();
}

std::string draftToJson(const QString& draft) {
    const QByteArray wrapped = QJsonDocument(QJsonArray{draft}).toJson(QJsonDocument::Compact);
    return wrapped.mid(1, wrapped.size() - 2).toStdString();
}

// The answer as its writer has it, with its place among the versions as storage knows it.
Message withVersionsOf(const Message& stored, Message answer) {
    answer.versionIndex = stored.versionIndex;
    answer.versionCount = stored.versionCount;
    answer.previousVersionId = stored.previousVersionId;
    answer.nextVersionId = stored.nextVersionId;
    return answer;
}

}  // namespace

// What one look into the storage brings for a chat.
struct ChatController::Loaded {
    qint64 chatId = 0;
    std::vector<storage::MessageRecord> path;
    std::string settings = "{}";
    QString draft;
};

ChatController::ChatController(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_engine(parts.engine),
      m_diskStorage(parts.storage),
      m_temporaryStorage(parts.temporaryStorage),
      m_chats(parts.chats),
      m_models(parts.models),
      m_settings(parts.settings),
      m_runner(parts.engine),
      m_sampling(SamplingModel::Chat, parts.settings.model()->sampling()),
      m_counter(parts.engine.engine()) {
    m_draftPause.setSingleShot(true);
    m_draftPause.setInterval(kDraftPauseMs);
    connect(&m_draftPause, &QTimer::timeout, this, &ChatController::saveDraft);
    connect(&m_chats, &ChatListModel::opened, this, &ChatController::show);
    connect(&m_chats, &ChatListModel::titleChanged, this, &ChatController::titleChanged);
    connect(&m_runner, &AnswerRunner::changed, this, &ChatController::takeAnswerChange);
    connect(&m_runner, &AnswerRunner::finished, this, &ChatController::takeAnswerEnd);
    connect(&m_runner, &AnswerRunner::writingChanged, this, [this](qint64 chatId) {
        m_chats.setWriting(chatId, m_runner.isWriting(chatId));
        emit stateChanged();
        emit canSendChanged();
    });
    connect(&m_models, &ModelController::stateChanged, this, [this] {
        emit canSendChanged();
        emit tokensChanged();
        countTokens();
    });
    connect(&m_settings, &SettingsController::systemPromptChanged, this,
            &ChatController::systemPromptChanged);
    connect(this, &ChatController::systemPromptChanged, this, &ChatController::countTokens);
    connect(&m_runner, &AnswerRunner::unstored, this,
            [this](const Error& error) { emit problem(errorText(error)); });
    connect(&m_chats, &ChatListModel::removed, &m_runner, &AnswerRunner::stop);
    connect(&m_sampling, &SamplingModel::edited, this, &ChatController::saveChatSettings);
    connect(&m_counter, &TokenCounter::counted, this, [this](int conversation, int draft) {
        m_usedTokens = conversation;
        m_draftTokens = draft;
        emit tokensChanged();
    });
    show(0, false);
}

ChatController::~ChatController() {
    if (m_draftPause.isActive()) saveDraft();
}

StorageBridge& ChatController::storage() const {
    return m_isTemporary ? m_temporaryStorage : m_diskStorage;
}

// --- which chat ---------------------------------------------------------------------------------

void ChatController::show(qint64 chatId, bool isTemporary) {
    if (m_draftPause.isActive()) saveDraft();
    // A temporary chat cannot be opened again, so nobody could stop what is still written in it.
    if (m_isTemporary) m_runner.stop(m_chatId);
    m_chatId = chatId;
    m_isTemporary = isTemporary;
    m_loading = isTemporary ? Loading::Done : Loading::Running;
    m_systemPrompt.clear();
    m_draft.clear();
    m_thinkingMode = 0;
    m_nAnnounced = 0;
    m_usedTokens = 0;
    m_draftTokens = 0;
    m_sampling.setJson("{}");
    m_messages.reset({});
    emit chatChanged();
    emit titleChanged();
    emit draftChanged();
    emit systemPromptChanged();
    emit thinkingModeChanged();
    emit stateChanged();
    emit canSendChanged();
    emit tokensChanged();
    if (isTemporary) return;
    storage().submit(
        this,
        [chatId](storage::Database& database) -> Result<Loaded> {
            Loaded loaded;
            loaded.chatId = chatId;
            if (chatId == 0) {
                const auto draft = database.settings().value(newDraftKey());
                if (draft && *draft) loaded.draft = draftFromJson(**draft);
                return loaded;
            }
            auto path = database.messages().loadPath(chatId);
            if (!path) return fail(path.error());
            loaded.path = std::move(*path);
            if (auto settings = database.chats().settings(chatId)) loaded.settings = *settings;
            if (auto draft = database.chats().draft(chatId))
                loaded.draft = QString::fromStdString(*draft);
            return loaded;
        },
        [this, chatId, nEnded = m_nEnded](Result<Loaded> loaded) {
            if (chatId != m_chatId || m_isTemporary) return;
            m_loading = loaded ? Loading::Done : Loading::Failed;
            if (loaded) {
                take(std::move(*loaded));
                if (nEnded != m_nEnded) reloadPath();
            } else {
                emit problem(errorText(loaded.error()));
            }
            emit canSendChanged();
        });
}

void ChatController::take(Loaded loaded) {
    const QJsonObject settings =
        QJsonDocument::fromJson(QByteArray::fromStdString(loaded.settings)).object();
    m_systemPrompt = settings[QStringLiteral("systemPrompt")].toString();
    m_thinkingMode = settings[QStringLiteral("thinking")].toInt();
    const QJsonDocument sampling(settings[QStringLiteral("sampling")].toObject());
    m_sampling.setJson(sampling.toJson(QJsonDocument::Compact).toStdString());
    m_messages.reset(withLiveAnswer(toMessages(loaded.path)));
    // Whoever began to type before the stored draft arrived keeps what was typed.
    if (m_draft.isEmpty() && !loaded.draft.isEmpty()) {
        m_draft = loaded.draft;
        emit draftChanged();
    }
    emit systemPromptChanged();
    emit thinkingModeChanged();
    emit stateChanged();
    emit canSendChanged();
    if (const int row = rowOfMessage(std::exchange(m_messageToShow, 0)); row >= 0)
        emit scrollToRow(row);
    countTokens();
}

void ChatController::openMessage(qint64 chatId, qint64 messageId) {
    if (messageId == 0) return m_chats.open(chatId);
    m_diskStorage.submit(
        this,
        [messageId](storage::Database& database) {
            return database.messages().activatePathTo(messageId);
        },
        [this, chatId, messageId](Status) {
            m_messageToShow = messageId;
            if (chatId == m_chatId && !m_isTemporary)
                reloadPath();
            else
                m_chats.open(chatId);
        });
}

void ChatController::reloadPath() {
    storage().submit(
        this,
        [chatId = m_chatId](storage::Database& database) {
            return database.messages().loadPath(chatId);
        },
        [this, chatId = m_chatId,
         nEnded = m_nEnded](Result<std::vector<storage::MessageRecord>> path) {
            if (chatId != m_chatId || !path) return;
            // An answer ended since the question was put: storage may not have had its end yet.
            if (nEnded != m_nEnded) return reloadPath();
            m_messages.update(withLiveAnswer(toMessages(*path)));
            emit stateChanged();
            emit canSendChanged();
            if (const int row = rowOfMessage(std::exchange(m_messageToShow, 0)); row >= 0)
                emit scrollToRow(row);
            countTokens();
        });
}

// Storage is up to a quarter of a second behind the answer being written; the runner's copy is not.
std::vector<Message> ChatController::withLiveAnswer(std::vector<Message> path) const {
    const Message* live = m_runner.answerIn(m_chatId);
    if (live == nullptr) return path;
    for (Message& message : path) {
        if (message.id != live->id) continue;
        message = withVersionsOf(message, *live);
        return path;
    }
    // Storage could not begin it (a full disk): it is shown all the same, below its question.
    const auto question = std::find_if(path.begin(), path.end(), [live](const Message& message) {
        return message.id == live->parentId;
    });
    if (question == path.end()) return path;
    path.erase(question + 1, path.end());
    path.push_back(*live);
    return path;
}

// --- answers ------------------------------------------------------------------------------------

void ChatController::takeAnswerChange(qint64 chatId, qint64 messageId) {
    if (chatId != m_chatId) return;
    const int row = rowOfMessage(messageId);
    const Message* live = m_runner.answerIn(chatId);
    if (row < 0 || live == nullptr) return;
    const MessageListModel::MessageState before = m_messages.at(row).state;
    const Message shown = withVersionsOf(m_messages.at(row), *live);
    m_messages.replace(row, shown);
    announceParagraphs(shown, false);
    if (before != shown.state) emit stateChanged();
    if (shown.state == MessageListModel::Reading) emit progressChanged();
}

void ChatController::takeAnswerEnd(qint64 chatId, const Message& message) {
    ++m_nEnded;
    m_chats.refresh();
    if (chatId != m_chatId) return;
    if (const int row = rowOfMessage(message.id); row >= 0) {
        const Message shown = withVersionsOf(m_messages.at(row), message);
        m_messages.replace(row, shown);
        announceParagraphs(shown, true);
    }
    countTokens();
}

void ChatController::announceParagraphs(const Message& message, bool isWhole) {
    const qsizetype end =
        isWhole ? message.text.size() : message.text.lastIndexOf(QLatin1String("\n\n"));
    if (end <= m_nAnnounced) return;
    const QString paragraph = message.text.mid(m_nAnnounced, end - m_nAnnounced).trimmed();
    m_nAnnounced = end;
    if (!paragraph.isEmpty()) emit paragraphFinished(paragraph);
}

// --- what is shown ------------------------------------------------------------------------------

ChatController::State ChatController::state() const {
    if (const Message* live = m_runner.answerIn(m_chatId)) {
        switch (live->state) {
            case MessageListModel::Reading: return Reading;
            case MessageListModel::Thinking: return Thinking;
            case MessageListModel::Writing: return Writing;
            default: return Waiting;
        }
    }
    if (m_asking.contains(m_chatId)) return Waiting;
    return m_messages.rowCount() == 0 ? Empty : Idle;
}

QString ChatController::title() const { return m_chats.titleOf(m_chatId); }

QString ChatController::effectiveSystemPrompt() const {
    return m_systemPrompt.isEmpty() ? m_settings.systemPrompt() : m_systemPrompt;
}

int ChatController::contextTokens() const { return m_models.contextTokens(); }

bool ChatController::modelHasThinking() const { return m_models.hasThinking(); }

double ChatController::readProgress() const { return m_runner.readProgress(m_chatId); }

bool ChatController::canContinue() const {
    if (m_messages.rowCount() == 0 || !canSend()) return false;
    const Message& last = m_messages.at(m_messages.rowCount() - 1);
    return !last.isUser && !last.text.isEmpty();
}

bool ChatController::canRegenerate() const { return m_messages.rowCount() > 0 && canSend(); }

QString ChatController::blockedReason() const {
    if (m_engine.engine() == nullptr) return tr("The engine could not be started.");
    switch (m_models.state()) {
        case ModelController::NoModel: return tr("Choose a model to begin.");
        case ModelController::Failed:
            return tr("The model could not be loaded. Choose another one.");
        case ModelController::Loading:
        case ModelController::Loaded: break;
    }
    if (m_loading == Loading::Failed) return tr("This chat could not be read. Open it again.");
    return {};
}

int ChatController::rowOfMessage(qint64 messageId) const {
    return messageId == 0 ? -1 : m_messages.rowOf(messageId);
}

QList<int> ChatController::findRows(const QString& text) const {
    QList<int> rows;
    if (text.trimmed().isEmpty()) return rows;
    for (int row = 0; row < m_messages.rowCount(); ++row)
        if (m_messages.at(row).text.contains(text, Qt::CaseInsensitive)) rows.append(row);
    return rows;
}

// --- settings and draft of the chat -------------------------------------------------------------

void ChatController::setSystemPrompt(const QString& prompt) {
    if (prompt == m_systemPrompt) return;
    m_systemPrompt = prompt;
    emit systemPromptChanged();
    saveChatSettings();
}

void ChatController::setThinkingMode(int mode) {
    if (mode == m_thinkingMode) return;
    m_thinkingMode = mode;
    emit thinkingModeChanged();
    saveChatSettings();
}

std::string ChatController::settingsJson() const {
    QJsonObject settings;
    if (!m_systemPrompt.isEmpty()) settings[QStringLiteral("systemPrompt")] = m_systemPrompt;
    if (m_thinkingMode != 0) settings[QStringLiteral("thinking")] = m_thinkingMode;
    settings[QStringLiteral("sampling")] =
        QJsonDocument::fromJson(QByteArray::fromStdString(m_sampling.toJson())).object();
    return QJsonDocument(settings).toJson(QJsonDocument::Compact).toStdString();
}

void ChatController::saveChatSettings() {
    if (m_chatId == 0 || m_messages.rowCount() == 0) return;  // stored with the first message
    storage().submit([id = m_chatId, json = settingsJson()](storage::Database& database) {
        return database.chats().setSettings(id, json);
    });
}

void ChatController::setDraft(const QString& text) {
    if (text == m_draft) return;
    m_draft = text;
    emit draftChanged();
    m_draftPause.start();
    countTokens();
}

void ChatController::saveDraft() {
    m_draftPause.stop();
    if (m_isTemporary) return;
    if (m_chatId == 0) {
        storage().submit([json = draftToJson(m_draft)](storage::Database& database) {
            return database.settings().set(newDraftKey(), json);
        });
        return;
    }
    storage().submit([id = m_chatId, text = m_draft.toStdString()](storage::Database& database) {
        return database.chats().setDraft(id, text);
    });
}

void ChatController::countTokens() {
    if (m_models.state() != ModelController::Loaded) {
        m_usedTokens = m_draftTokens = 0;
        emit tokensChanged();
        return;
    }
    m_counter.request([this] {
        return std::pair(toPrompt(pathUntil(m_messages.rowCount()), effectiveSystemPrompt()),
                         m_draft.toStdString());
    });
}

// --- clipboard and links ------------------------------------------------------------------------

void ChatController::copyText(const QString& text) {
    QGuiApplication::clipboard()->setText(text);
    emit copied();
}

void ChatController::copyMessage(int row) {
    if (row >= 0 && row < m_messages.rowCount()) copyText(m_messages.at(row).text);
}

void ChatController::copyLastAnswer() {
    for (int row = m_messages.rowCount() - 1; row >= 0; --row) {
        if (m_messages.at(row).isUser) continue;
        copyText(m_messages.at(row).text);
        return;
    }
}

void ChatController::openLink(const QUrl& link) {
    static const QStringList kSchemes{QStringLiteral("http"), QStringLiteral("https"),
                                      QStringLiteral("mailto")};
    if (kSchemes.contains(link.scheme().toLower())) QDesktopServices::openUrl(link);
}

}  // namespace sotto::app
