#include "app/chat/chat_settings.h"

#include <utility>

namespace sotto::app {
namespace {

// The layer of a chat that does not exist yet is kept with the app's settings.
constexpr const char* kNewSettingsKey = "chat.newSettings";

QString settingsKeyOf(qint64 chatId) { return QStringLiteral("settings of chat %1").arg(chatId); }

Status write(storage::Database& database, qint64 chatId, const std::string& json) {
    if (chatId == ChatSettings::kNewChat) return database.settings().set(kNewSettingsKey, json);
    const Status status = database.chats().setSettings(chatId, json);
    // Of a chat that is not there (any more) nothing can be kept.
    return !status && status.error().code == ErrorCode::NotFound ? Status() : status;
}

}  // namespace

ChatSettings::ChatSettings(StorageBridge& storage, LayeredSettings& below, QObject* parent)
    : QObject(parent),
      m_storage(storage),
      m_layer(LayeredSettings::Chat, &below),
      m_sampling(m_layer),
      m_writes(storage) {
    connect(&m_layer, &LayeredSettings::edited, this, &ChatSettings::store);
    connect(&m_layer, &LayeredSettings::changed, this, &ChatSettings::changed);
}

ChatSettings::~ChatSettings() = default;

std::string ChatSettings::load(storage::Database& database, qint64 chatId) {
    if (chatId == kNewChat) {
        const auto json = database.settings().value(kNewSettingsKey);
        return json && *json ? **json : "{}";
    }
    const auto json = database.chats().settings(chatId);
    return json ? *json : "{}";
}

Status ChatSettings::removeNew(storage::Database& database) {
    return database.settings().remove(kNewSettingsKey);
}

void ChatSettings::show(qint64 chatId, bool isTemporary) {
    flush();
    m_chatId = chatId;
    m_isTemporary = isTemporary;
    m_layer.setJson(isTemporary ? "{}" : m_set.value(chatId, "{}"));
    m_prompt = UnwrittenText(m_layer.ownSystemPrompt());
}

// Whoever began to set something before it arrived keeps that.
void ChatSettings::takeStored(qint64 chatId, const std::string& json) {
    if (m_isTemporary || chatId != m_chatId || m_set.contains(chatId)) return;
    m_layer.setJson(json);
    m_prompt = UnwrittenText(m_layer.ownSystemPrompt());
}

void ChatSettings::becomes(qint64 chatId) {
    if (m_isTemporary) return void(m_chatId = chatId);
    const qint64 before = std::exchange(m_chatId, chatId);
    m_writes.drop(settingsKeyOf(before));
    m_set.remove(before);
    if (before == kNewChat) {
        dropNew();
        m_set[chatId] = toJson();  // stored with the first message
    } else if (m_layer.isModified()) {
        store();
    }
}

// One that waits for room on the disk must not come back after the message.
void ChatSettings::dropNew() {
    if (m_storage.isHeld(settingsKeyOf(kNewChat)))
        m_storage.keep(settingsKeyOf(kNewChat), {}, removeNew);
}

void ChatSettings::giveBack(const std::string& json) {
    if (m_set.contains(kNewChat) || settingsFromJson(json).isEmpty()) return;
    m_set[kNewChat] = json;
    const QString prompt =
        QString::fromStdString(settingsFromJson(json).systemPrompt.value_or(std::string()));
    m_writes.put(settingsKeyOf(kNewChat), prompt,
                 [json](storage::Database& database) { return write(database, kNewChat, json); });
}

void ChatSettings::store() {
    if (m_isTemporary) return;
    const QString key = settingsKeyOf(m_chatId);
    m_set[m_chatId] = toJson();
    m_writes.put(key, m_prompt.of(m_layer.ownSystemPrompt(), m_writes.isPending(key)),
                 [chatId = m_chatId, json = m_set[m_chatId]](storage::Database& database) {
                     return write(database, chatId, json);
                 });
}

void ChatSettings::setThinkingMode(int mode) {
    if (mode != thinkingMode() && mode >= 0 && mode <= 2)
        m_layer.setThinking(static_cast<ThinkingSetting>(mode));
}

}  // namespace sotto::app
