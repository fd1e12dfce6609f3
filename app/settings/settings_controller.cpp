#include "app/settings/settings_controller.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>
#include <utility>

#include "app/core/hub/model_hub.h"
#include "app/settings/setting_choices.h"
#include "engine/api/device_info.h"

namespace sotto::app {
namespace {

constexpr int kSmallestText = 13;
constexpr int kLargestText = 20;
constexpr int kDefaultText = 15;
constexpr int kMostThreads = 256;
constexpr double kFastestLimit = 1e12;  // bytes per second; above it nothing is limited

// All keys of this class begin with this, apart from other users of the settings table.
const QString kPrefix = QStringLiteral("app.");
// The app's layer, and the keys that stood for it in earlier versions.
const QString kLayerKey = QStringLiteral("settings");
constexpr const char* kOldLayerKeys[] = {"systemPrompt", "sampling", "contextTokens", "kvType"};

QJsonValue fromText(const std::string& json) {
    return QJsonDocument::fromJson("[" + QByteArray::fromStdString(json) + "]").array().at(0);
}

// Null where nothing is stored.
QJsonValue storedValue(const std::map<std::string, std::string>& stored, const char* key) {
    const auto json = stored.find((kPrefix + QString::fromLatin1(key)).toStdString());
    return json == stored.end() ? QJsonValue() : fromText(json->second);
}

std::string toText(const QJsonValue& value) {
    const QByteArray wrapped = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return wrapped.mid(1, wrapped.size() - 2).toStdString();
}

}  // namespace

SettingsController::SettingsController(StorageBridge& storage,
                                       const std::map<std::string, std::string>& stored,
                                       const std::vector<storage::ModelRecord>& models,
                                       QObject* parent)
    : QObject(parent), m_model(storage, m_layer, models), m_writes(storage) {
    for (const auto& [key, json] : stored) {
        const QString name = QString::fromStdString(key);
        if (name.startsWith(kPrefix)) m_values[name.mid(kPrefix.size())] = fromText(json);
    }
    m_theme = static_cast<Theme>(std::clamp(number("theme", System), int(System), int(Dark)));
    takeLayer(stored);
    connect(&m_layer, &LayeredSettings::edited, this, &SettingsController::storeLayer);
    connect(&m_layer, &LayeredSettings::changed, this, [this] {
        const SettingsLayer before = std::exchange(m_told, m_layer.own());
        if (before.systemPrompt != m_told.systemPrompt) emit systemPromptChanged();
        if (before.load != m_told.load) emit engineChanged();
    });
    connect(this, &SettingsController::engineChanged, this, &SettingsController::choicesChanged);
    // Queued: the translator is in its place by then.
    connect(this, &SettingsController::languageChanged, this, &SettingsController::choicesChanged,
            Qt::QueuedConnection);
    connect(&m_systemTheme, &SystemTheme::changed, this, &SettingsController::themeChanged);
}

void SettingsController::takeLayer(const std::map<std::string, std::string>& stored) {
    if (const auto found = stored.find(kLayerKey.toStdString()); found != stored.end()) {
        m_layer.setJson(found->second);
    } else {
        QJsonObject old;
        for (const char* key : kOldLayerKeys) {
            const auto value = m_values.constFind(QString::fromLatin1(key));
            if (value != m_values.constEnd()) old[value.key()] = value.value();
        }
        SettingsLayer layer =
            settingsFromJson(QJsonDocument(old).toJson(QJsonDocument::Compact).toStdString());
        // Earlier versions had no other way to say that these two are not set.
        if (layer.systemPrompt == std::string()) layer.systemPrompt.reset();
        if (layer.load.contextTokens == 0) layer.load.contextTokens.reset();
        m_layer.setOwn(std::move(layer));
        if (m_layer.own() != SettingsLayer{}) storeLayer();
    }
    m_prompt = UnwrittenText(m_layer.ownSystemPrompt());
    m_told = m_layer.own();
}

void SettingsController::storeLayer() {
    write(kLayerKey, m_prompt.of(m_layer.ownSystemPrompt(), m_writes.isPending(kLayerKey)),
          m_layer.toJson());
}

int SettingsController::storedThreads(const std::map<std::string, std::string>& stored) {
    return std::clamp(storedValue(stored, "threads").toInt(), 0, kMostThreads);
}

void SettingsController::chooseHub(const std::map<std::string, std::string>& stored,
                                   ModelHubOptions& hub) {
    const auto value = [&stored](const char* key) { return storedValue(stored, key); };
    if (value("network.offline").toBool()) hub.network.isOffline = true;
    const std::string address = value("network.endpoint").toString().toStdString();
    if (net::checkEndpoint(address)) hub.hub.endpoint = address;
    const double limit = value("network.downloadLimit").toDouble();
    if (limit > 0 && limit < kFastestLimit)
        hub.downloads.bytesPerSecond = static_cast<std::uint64_t>(limit);
}

SettingsController::StoredPrefixCache SettingsController::storedPrefixCache(
    const std::map<std::string, std::string>& stored) {
    StoredPrefixCache chosen;
    chosen.isOn = storedValue(stored, "memory.prefixCache").toBool(chosen.isOn);
    chosen.maxGb = std::max(1, storedValue(stored, "memory.prefixCacheGb").toInt(chosen.maxGb));
    return chosen;
}

std::string SettingsController::storedDevice(const std::map<std::string, std::string>& stored) {
    const std::string wanted = storedValue(stored, "device").toString().toStdString();
    return chosenDevice(wanted) ? wanted : "auto";
}

SettingsController::~SettingsController() = default;

void SettingsController::saveNow() {
    m_writes.flush();
    m_model.saveNow();
}

bool SettingsController::flag(const char* key, bool fallback) const {
    return m_values.value(QString::fromLatin1(key)).toBool(fallback);
}

int SettingsController::number(const char* key, int fallback) const {
    return m_values.value(QString::fromLatin1(key)).toInt(fallback);
}

QString SettingsController::text(const char* key, const QString& fallback) const {
    return m_values.value(QString::fromLatin1(key)).toString(fallback);
}

bool SettingsController::store(const char* key, const QJsonValue& value) {
    const QString name = QString::fromLatin1(key);
    if (m_values.contains(name) && m_values[name] == value) return false;
    m_values[name] = value;
    write(kPrefix + name, {}, toText(value));
    return true;
}

void SettingsController::write(const QString& key, const QString& text, const std::string& json) {
    m_writes.put(key, text, [key = key.toStdString(), json](storage::Database& database) {
        return database.settings().set(key, json);
    });
}

void SettingsController::setTheme(Theme theme) {
    m_theme = theme;
    if (store("theme", theme)) emit themeChanged();
}

void SettingsController::setIdleMinutes(int minutes) {
    if (!store("engine.idleMinutes", std::max(0, minutes))) return;
    emit idleMinutesChanged();
    emit choicesChanged();
}

void SettingsController::setBinDays(int days) {
    if (!store("chats.binDays", std::max(0, days))) return;
    emit binDaysChanged();
    emit choicesChanged();
}

void SettingsController::setPrefixCache(bool isOn) {
    if (store("memory.prefixCache", isOn)) emit prefixCacheChanged();
}

void SettingsController::setPrefixCacheGb(int maxGb) {
    if (store("memory.prefixCacheGb", std::max(1, maxGb))) emit prefixCacheChanged();
}

bool SettingsController::isDark() const {
    return m_theme == System ? m_systemTheme.isDark() : m_theme == Dark;
}

void SettingsController::setLanguage(const QString& language) {
    if (store("language", language)) emit languageChanged();
}

int SettingsController::textSize() const {
    return std::clamp(number("textSize", kDefaultText), kSmallestText, kLargestText);
}

void SettingsController::setTextSize(int pixels) {
    if (store("textSize", std::clamp(pixels, kSmallestText, kLargestText))) emit textSizeChanged();
}

void SettingsController::setOpensLastChat(bool isOn) {
    if (store("opensLastChat", isOn)) emit opensLastChatChanged();
}

// Ids are below 2^53, so JSON's numbers hold them.
qint64 SettingsController::lastChat() const {
    return m_values.value(QStringLiteral("lastChat")).toInteger(0);
}

void SettingsController::setLastChat(qint64 chatId) { store("lastChat", chatId); }

void SettingsController::setEnterSends(bool isOn) {
    if (store("enterSends", isOn)) emit enterSendsChanged();
}

void SettingsController::setReducedMotion(bool isOn) {
    if (store("reducedMotion", isOn)) emit reducedMotionChanged();
}

void SettingsController::setSystemPrompt(const QString& prompt) {
    m_layer.setOwnSystemPrompt(prompt);
}

void SettingsController::setContextTokens(int tokens) {
    if (tokens <= 0)
        m_layer.reset(QStringLiteral("contextTokens"));
    else
        m_layer.setContextTokens(tokens);
}

void SettingsController::setThreads(int threads) {
    if (store("threads", std::clamp(threads, 0, kMostThreads))) emit engineChanged();
}

void SettingsController::setDevice(const QString& device) {
    if (store("device", device)) emit engineChanged();
}

void SettingsController::setKvType(const QString& type) { m_layer.setKvType(type); }

QVariantList SettingsController::contextChoices() const {
    return app::contextChoices(contextTokens());
}

QVariantList SettingsController::threadChoices() const { return app::threadChoices(threads()); }

QVariantList SettingsController::kvTypeChoices() const { return app::kvTypeChoices(kvType()); }

QString SettingsController::kvTypeDetail() const { return app::kvTypeDetail(kvType()); }

QVariantList SettingsController::idleChoices() const { return app::idleChoices(idleMinutes()); }
QVariantList SettingsController::binDaysChoices() const { return app::binDaysChoices(binDays()); }

QVariantList SettingsController::textSizeChoices() const {
    return app::textSizeChoices(kSmallestText, kLargestText);
}

QStringList SettingsController::texts(const char* key) const {
    QStringList texts;
    for (const QJsonValue& text : m_values.value(QString::fromLatin1(key)).toArray())
        texts.append(text.toString());
    return texts;
}

QStringList SettingsController::modelFolders() const { return texts("modelFolders"); }

void SettingsController::addModelFolder(const QString& folder) {
    QStringList folders = modelFolders();
    const QString clean = QDir::cleanPath(folder);
    if (folders.contains(clean)) return;
    folders.append(clean);
    if (store("modelFolders", QJsonArray::fromStringList(folders))) emit modelFoldersChanged();
}

void SettingsController::removeModelFolder(const QString& folder) {
    QStringList folders = modelFolders();
    folders.removeAll(QDir::cleanPath(folder));
    if (store("modelFolders", QJsonArray::fromStringList(folders))) emit modelFoldersChanged();
}

void SettingsController::setLastModel(const QString& path) { store("lastModel", path); }

bool SettingsController::isPromptNoticeRead(const QString& model) const {
    return texts("promptNoticeRead").contains(model);
}

void SettingsController::setPromptNoticeRead(const QString& model) {
    if (isPromptNoticeRead(model)) return;
    store("promptNoticeRead", QJsonArray::fromStringList(texts("promptNoticeRead") << model));
}

void SettingsController::finishFirstRun() {
    if (store("firstRunDone", true)) emit isFirstRunChanged();
}

void SettingsController::setListOpen(bool isOpen) {
    if (store("listOpen", isOpen)) emit layoutChanged();
}

void SettingsController::setLiveOpen(bool isOpen) {
    if (store("liveOpen", isOpen)) emit layoutChanged();
}

QRect SettingsController::windowGeometry() const {
    const QJsonArray parts = m_values.value(QStringLiteral("windowGeometry")).toArray();
    if (parts.size() != 4) return {};
    return {parts[0].toInt(), parts[1].toInt(), parts[2].toInt(), parts[3].toInt()};
}

void SettingsController::setWindowGeometry(const QRect& geometry) {
    store("windowGeometry",
          QJsonArray{geometry.x(), geometry.y(), geometry.width(), geometry.height()});
}

QString SettingsController::licences() const {
    QFile file(QStringLiteral(":/licences/SHIPPED.txt"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

}  // namespace sotto::app
