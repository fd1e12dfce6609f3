// SettingsController: the app's own settings, stored as key and JSON value; read at start, written
// when changed.
//
// What a model or a chat may set otherwise (prompt, thinking, sampling, context, KV type) is the
// app's layer, one JSON under the key "settings"; its first reading takes over the keys that
// earlier versions had for them, which stay as they are.
#pragma once

#include <QJsonValue>
#include <QMap>
#include <QObject>
#include <QQmlEngine>
#include <QRect>
#include <QStringList>
#include <QVariantList>
#include <map>
#include <string>

#include "app/bridge/late_writes.h"
#include "app/bridge/storage_bridge.h"
#include "app/settings/layered_settings.h"
#include "app/settings/model_settings.h"
#include "app/settings/sampling_model.h"
#include "app/settings/system_theme.h"

namespace sotto::app {

struct ModelHubOptions;

class SettingsController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(Theme theme READ theme WRITE setTheme NOTIFY themeChanged)
    Q_PROPERTY(bool isDark READ isDark NOTIFY themeChanged)  // what the theme comes to now
    Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY
                   languageChanged)  // "system", "en", "zh_CN"
    Q_PROPERTY(bool opensLastChat READ opensLastChat WRITE setOpensLastChat NOTIFY
                   opensLastChatChanged)  // at the start
    Q_PROPERTY(int textSize READ textSize WRITE setTextSize NOTIFY
                   textSizeChanged)  // px of message text, 13..20
    Q_PROPERTY(bool enterSends READ enterSends WRITE setEnterSends NOTIFY enterSendsChanged)
    Q_PROPERTY(
        bool reducedMotion READ reducedMotion WRITE setReducedMotion NOTIFY reducedMotionChanged)
    Q_PROPERTY(QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY
                   systemPromptChanged)                                     // default for all chats
    Q_PROPERTY(sotto::app::SamplingModel* sampling READ sampling CONSTANT)  // the app's layer
    Q_PROPERTY(sotto::app::LayeredSettings* layer READ layer CONSTANT)      // the same, all of it
    Q_PROPERTY(sotto::app::ModelSettings* model READ model CONSTANT)        // the layer above
    Q_PROPERTY(int contextTokens READ contextTokens WRITE setContextTokens NOTIFY
                   engineChanged)  // 0: automatic
    Q_PROPERTY(int threads READ threads WRITE setThreads NOTIFY
                   engineChanged)  // 0: automatic; applies at the next start
    Q_PROPERTY(QString device READ device WRITE setDevice NOTIFY
                   engineChanged)  // "auto", "cpu" or "cuda:N"; applies at the next start
    Q_PROPERTY(QString kvType READ kvType WRITE setKvType NOTIFY engineChanged)  // "q8_0"
    Q_PROPERTY(QString kvTypeDetail READ kvTypeDetail NOTIFY engineChanged)
    // What may be chosen: rows of {text, value}.
    Q_PROPERTY(QVariantList contextChoices READ contextChoices NOTIFY choicesChanged)
    Q_PROPERTY(QVariantList threadChoices READ threadChoices NOTIFY choicesChanged)
    Q_PROPERTY(QVariantList kvTypeChoices READ kvTypeChoices NOTIFY choicesChanged)
    Q_PROPERTY(QVariantList textSizeChoices READ textSizeChoices NOTIFY choicesChanged)
    Q_PROPERTY(QVariantList binDaysChoices READ binDaysChoices NOTIFY choicesChanged)
    // Until a chat in the bin goes for good; 0: it stays.
    Q_PROPERTY(int binDays READ binDays WRITE setBinDays NOTIFY binDaysChanged)
    // Without a question until the model's memory is given back; 0: never.
    Q_PROPERTY(int idleMinutes READ idleMinutes WRITE setIdleMinutes NOTIFY idleMinutesChanged)
    Q_PROPERTY(QVariantList idleChoices READ idleChoices NOTIFY choicesChanged)
    Q_PROPERTY(QStringList modelFolders READ modelFolders NOTIFY modelFoldersChanged)
    Q_PROPERTY(bool isFirstRun READ isFirstRun NOTIFY isFirstRunChanged)
    Q_PROPERTY(
        bool isListOpen READ isListOpen WRITE setListOpen NOTIFY layoutChanged)  // chat list docked
    Q_PROPERTY(bool isLiveOpen READ isLiveOpen WRITE setLiveOpen NOTIFY
                   layoutChanged)  // live panel docked

public:
    static constexpr int kPrefixCacheGb = 8;

    enum Theme { System, Light, Dark };
    Q_ENUM(Theme)

    Q_INVOKABLE void finishFirstRun();
    Q_INVOKABLE QString licences() const;  // what is shipped and under which licence, plain text

    // `stored`: all settings as they were read at start, key to JSON text; `models`: the library's
    // rows, of which the settings are taken.
    SettingsController(StorageBridge& storage, const std::map<std::string, std::string>& stored,
                       const std::vector<storage::ModelRecord>& models = {},
                       QObject* parent = nullptr);
    ~SettingsController() override;
    // For closing: what was set last is written without the pause.
    void saveNow();

    // The stored number of threads (0: automatic), for the engine, which is made before the window.
    static int storedThreads(const std::map<std::string, std::string>& stored);
    // Of the network, which is made before the window, too: the switch, the address of the hub
    // where it is one still, and how fast downloads may be. What is not stored stays as it is.
    static void chooseHub(const std::map<std::string, std::string>& stored, ModelHubOptions& hub);
    // Of the prefix cache on the disk, before the window is there.
    struct StoredPrefixCache {
        bool isOn = true;
        int maxGb = kPrefixCacheGb;
    };
    static StoredPrefixCache storedPrefixCache(const std::map<std::string, std::string>& stored);
    // The stored device, "auto" where this machine does not have it (any more).
    static std::string storedDevice(const std::map<std::string, std::string>& stored);

    Theme theme() const { return m_theme; }
    void setTheme(Theme theme);
    bool isDark() const;
    QString language() const { return text("language", QStringLiteral("system")); }
    void setLanguage(const QString& language);
    int textSize() const;
    void setTextSize(int pixels);
    bool opensLastChat() const { return flag("opensLastChat", true); }
    void setOpensLastChat(bool isOn);
    qint64 lastChat() const;  // 0: none
    void setLastChat(qint64 chatId);
    bool enterSends() const { return flag("enterSends", true); }
    void setEnterSends(bool isOn);
    bool reducedMotion() const { return flag("reducedMotion", false); }
    void setReducedMotion(bool isOn);
    QString systemPrompt() const { return m_layer.ownSystemPrompt(); }
    void setSystemPrompt(const QString& prompt);
    SamplingModel* sampling() { return &m_sampling; }
    LayeredSettings* layer() { return &m_layer; }
    ModelSettings* model() { return &m_model; }
    const ModelSettings* model() const { return &m_model; }
    int contextTokens() const { return m_layer.contextTokens(); }
    void setContextTokens(int tokens);
    int threads() const { return number("threads", 0); }
    void setThreads(int threads);
    QString device() const { return text("device", QStringLiteral("auto")); }
    void setDevice(const QString& device);
    QString kvType() const { return m_layer.kvType(); }
    QString kvTypeDetail() const;
    void setKvType(const QString& type);
    QVariantList contextChoices() const;
    QVariantList threadChoices() const;
    QVariantList kvTypeChoices() const;
    QVariantList textSizeChoices() const;
    QVariantList binDaysChoices() const;
    int binDays() const { return number("chats.binDays", 30); }
    void setBinDays(int days);
    bool hasPrefixCache() const { return flag("memory.prefixCache", true); }
    void setPrefixCache(bool isOn);
    int prefixCacheGb() const { return number("memory.prefixCacheGb", kPrefixCacheGb); }  // 10^9
    void setPrefixCacheGb(int maxGb);
    int idleMinutes() const { return number("engine.idleMinutes", 0); }
    void setIdleMinutes(int minutes);
    QVariantList idleChoices() const;
    QStringList modelFolders() const;
    void addModelFolder(const QString& folder);
    void removeModelFolder(const QString& folder);
    // What NetworkController has decided of the network.
    void setOffline(bool isOffline) { store("network.offline", isOffline); }
    QString hubEndpoint() const { return text("network.endpoint", {}); }
    void setHubEndpoint(const QString& address) { store("network.endpoint", address); }
    // Bytes per second of all downloads together; 0: no limit.
    void setDownloadLimit(double limit) { store("network.downloadLimit", limit); }
    QString lastModel() const { return text("lastModel", {}); }
    void setLastModel(const QString& path);
    // That this model takes no system prompt; see PromptNotice.
    bool isPromptNoticeRead(const QString& model) const;
    void setPromptNoticeRead(const QString& model);
    bool isFirstRun() const { return !flag("firstRunDone", false); }
    bool isListOpen() const { return flag("listOpen", true); }
    void setListOpen(bool isOpen);
    bool isLiveOpen() const { return flag("liveOpen", true); }
    void setLiveOpen(bool isOpen);
    QRect windowGeometry() const;  // of the window when it is not maximized; null: never stored
    void setWindowGeometry(const QRect& geometry);
    bool isWindowMaximized() const { return flag("windowMaximized", false); }
    void setWindowMaximized(bool isMaximized) { store("windowMaximized", isMaximized); }

signals:
    void themeChanged();
    void languageChanged();
    void textSizeChanged();
    void opensLastChatChanged();
    void enterSendsChanged();
    void reducedMotionChanged();
    void systemPromptChanged();
    void engineChanged();
    void choicesChanged();
    void binDaysChanged();
    void prefixCacheChanged();
    void idleMinutesChanged();
    void modelFoldersChanged();
    void isFirstRunChanged();
    void layoutChanged();

private:
    bool flag(const char* key, bool fallback) const;
    int number(const char* key, int fallback) const;
    QString text(const char* key, const QString& fallback) const;
    QStringList texts(const char* key) const;
    // Stores the value when it differs; returns whether it did.
    bool store(const char* key, const QJsonValue& value);
    void takeLayer(const std::map<std::string, std::string>& stored);
    void storeLayer();
    void write(const QString& key, const QString& text, const std::string& json);

    QMap<QString, QJsonValue> m_values;
    Theme m_theme = System;
    SystemTheme m_systemTheme;
    LayeredSettings m_layer{LayeredSettings::App};
    SamplingModel m_sampling{m_layer};
    SettingsLayer m_told;  // what the signals have told of the layer
    ModelSettings m_model;
    UnwrittenText m_prompt;  // the layer's
    LateWrites m_writes;     // a window being dragged writes once
};

}  // namespace sotto::app
