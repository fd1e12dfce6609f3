#include "tests/app/chat_ui/standins.h"

#include <QQmlEngine>
#include <QQmlExtensionPlugin>

#include "app/chat/message.h"
#include "app/performance/kv_map.h"
#include "app/performance/sparkline.h"
#include "app/system/fonts.h"
#include "app/system/icon_provider.h"

Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ChatPlugin)

namespace sotto::app::standin {
namespace {

constexpr const char* kUri = "Sotto.App";

// Copies what the map has into the message.
void apply(const QVariantMap& from, Message& to) {
    const auto take = [&](const char* key, auto& field) {
        const auto found = from.find(QString::fromLatin1(key));
        if (found != from.end()) field = found->value<std::decay_t<decltype(field)>>();
    };
    take("isUser", to.isUser);
    take("plainText", to.text);
    take("thinkingText", to.thinking);
    take("versionIndex", to.versionIndex);
    take("versionCount", to.versionCount);
    take("thinkingSeconds", to.stats.thinkingSeconds);
    take("thinkingTokens", to.stats.thinkingTokens);
    take("tokensPerSecond", to.stats.tokensPerSecond);
    take("ttftMs", to.stats.ttftMs);
    take("tokenCount", to.stats.tokens);
    take("reusedTokens", to.stats.reusedTokens);
    take("stopReason", to.stats.stopReason);
    take("errorText", to.error);
    take("modelName", to.modelName);
    if (from.contains(QStringLiteral("messageState")))
        to.state = static_cast<MessageListModel::MessageState>(
            from[QStringLiteral("messageState")].toInt());
}

QString longAnswer(int seed) {
    return QStringLiteral(
               "Here is answer **%1** with `code`, a [link](https://example.org) and a list:\n\n"
               "1. First point of %1, long enough to be wrapped at the width of the column, "
               "because "
               "real answers are.\n2. Second point\n   - nested\n\n```python\ndef f%1(x):\n"
               "    return x + %1  # adds\n```\n\n| a | b |\n|---|--:|\n| %1 | 2 |\n\n> A "
               "quote.\n\n"
               "And a last paragraph that says what was done and why it was done in this way.")
        .arg(seed);
}

}  // namespace

void registerTypes() {
    loadFonts();
    qmlRegisterUncreatableType<BlockListModel>(kUri, 1, 0, "BlockListModel", {});
    qmlRegisterUncreatableType<MessageListModel>(kUri, 1, 0, "MessageListModel", {});
    qmlRegisterUncreatableType<ModelListModel>(kUri, 1, 0, "ModelListModel", {});
    qmlRegisterUncreatableType<SamplingModel>(kUri, 1, 0, "SamplingModel", {});
    qmlRegisterType<Sparkline>(kUri, 1, 0, "Sparkline");
    qmlRegisterType<KvMap>(kUri, 1, 0, "KvMap");
    qmlRegisterType<Conversation>(kUri, 1, 0, "Conversation");
    qmlRegisterType<ModelShelf>(kUri, 1, 0, "ModelShelf");
    qmlRegisterType<Sampling>(kUri, 1, 0, "Sampling");
}

void prepare(QQmlEngine& engine) {
    engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
    // Searched first, so that this Sotto.App hides the one whose resources sotto_app brings along.
    engine.addImportPath(QStringLiteral(SOTTO_STANDINS));
    engine.addImageProvider(QStringLiteral("icon"), new IconProvider);
}

void Conversation::add(const QVariantMap& values) {
    Message message;
    message.id = ++m_lastId;
    message.time = QDateTime::currentDateTime();
    apply(values, message);
    m_model.append(message);
}

void Conversation::set(int row, const QVariantMap& values) {
    Message message = m_model.at(row);
    apply(values, message);
    m_model.replace(row, message);
}

void Conversation::fill(int nMessages) {
    std::vector<Message> messages;
    for (int index = 0; index < nMessages; ++index) {
        Message message;
        message.id = ++m_lastId;
        message.isUser = index % 2 == 0;
        message.text =
            message.isUser ? QStringLiteral("Question %1?").arg(index) : longAnswer(index);
        message.stats.tokensPerSecond = 42;
        messages.push_back(message);
    }
    m_model.reset(std::move(messages));
}

QString Conversation::textAt(int row) const { return m_model.at(row).text; }

void ModelShelf::setEntries(const QVariantList& entries) {
    std::vector<ModelEntry> models;
    for (const QVariant& value : entries) {
        const QVariantMap map = value.toMap();
        ModelEntry entry;
        entry.name = map[QStringLiteral("name")].toString();
        entry.path = map[QStringLiteral("path")].toString();
        entry.quantization = map[QStringLiteral("quantization")].toString();
        entry.fileBytes = map[QStringLiteral("fileBytes")].toLongLong();
        entry.memoryBytes = map[QStringLiteral("memoryBytes")].toLongLong();
        entry.cardBytes = map[QStringLiteral("cardBytes")].toLongLong();
        entry.bytesPerToken = map[QStringLiteral("bytesPerToken")].toLongLong();
        entry.cardBytesPerToken = map[QStringLiteral("cardBytesPerToken")].toLongLong();
        entry.nLayers = map[QStringLiteral("layerCount")].toInt();
        entry.nCardLayers = map[QStringLiteral("cardLayers")].toInt();
        entry.placement =
            static_cast<ModelListModel::Placement>(map[QStringLiteral("placement")].toInt());
        entry.isTooLarge = map[QStringLiteral("isTooLarge")].toBool();
        entry.contextTokens = map[QStringLiteral("contextTokens")].toInt();
        entry.isShortened = map[QStringLiteral("isShortened")].toBool();
        entry.isDemo = map[QStringLiteral("isDemo")].toBool();
        entry.problem = map[QStringLiteral("problem")].toString();
        entry.isReadable = !map[QStringLiteral("isUnreadable")].toBool();
        models.push_back(entry);
    }
    m_model.setEntries(std::move(models));
}

}  // namespace sotto::app::standin
