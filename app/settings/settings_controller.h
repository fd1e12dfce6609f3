// SettingsController: the app's own settings, stored as key and JSON value; read at start, written
// when changed.
#pragma once

#include <QJsonValue>
#include <QMap>
#include <QObject>
#include <QQmlEngine>
#include <QRect>
#include <QStringList>
#include <QTimer>
#include <map>
#include <string>

#include "app/bridge/storage_bridge.h"
#include "app/settings/sampling_model.h"
#include "app/settings/system_theme.h"

namespace sotto::app {

class SettingsController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(Theme theme READ theme WRITE setTheme NOTIFY themeChanged)
    Q_PROPERTY(bool isDark READ isDark NOTIFY themeChanged)  // what the theme comes to now
    Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY
                   languageChanged)  // "system", "en", "zh_CN"
    Q_PROPERTY(int textSize READ textSize WRITE setTextSize NOTIFY
                   textSizeChanged)  // px of message text, 13..20
    Q_PROPERTY(bool enterSends READ enterSends WRITE setEnterSends NOTIFY enterSendsChanged)
    Q_PROPERTY(
        bool reducedMotion READ reducedMotion WRITE setReducedMotion NOTIFY reducedMotionChanged)
    Q_PROPERTY(QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY
                   systemPromptChanged)                                     // default for all chats
    Q_PROPERTY(sotto::app::SamplingModel* sampling READ sampling CONSTANT)  // the app's layer
    Q_PROPERTY(int contextTokens READ contextTokens WRITE setContextTokens NOTIFY
                   engineChanged)  // 0: automatic
    Q_PROPERTY(int threads READ threads WRITE setThreads NOTIFY
                   engineChanged)  // 0: automatic; applies at the next start
    Q_PROPERTY(QString device READ device WRITE setDevice NOTIFY
                   engineChanged)  // "auto", "cpu" or "cuda:N"; applies at the next start
    Q_PROPERTY(QString kvType READ kvType WRITE setKvType NOTIFY engineChanged)  // "f16" or "f32"
    Q_PROPERTY(QStringList modelFolders READ modelFolders NOTIFY modelFoldersChanged)
    Q_PROPERTY(bool isFirstRun READ isFirstRun NOTIFY isFirstRunChanged)
    Q_PROPERTY(
        bool isListOpen READ isListOpen WRITE setListOpen NOTIFY layoutChanged)  // chat list docked
    Q_PROPERTY(bool isLiveOpen READ isLiveOpen WRITE setLiveOpen NOTIFY
                   layoutChanged)  // live panel docked
    Q_PROPERTY(QRect windowGeometry READ windowGeometry WRITE setWindowGeometry NOTIFY
                   layoutChanged)  // null: default

public:
    enum Theme { System, Light, Dark };
    Q_ENUM(Theme)

    Q_INVOKABLE void finishFirstRun();
    Q_INVOKABLE QString licences() const;  // what is shipped and under which licence, plain text

    // `stored`: all settings as they were read at start, key to JSON text.
    SettingsController(StorageBridge& storage, const std::map<std::string, std::string>& stored,
                       QObject* parent = nullptr);
    ~SettingsController() override;

    // The stored number of threads (0: automatic), for the engine, which is made before the window.
    static int storedThreads(const std::map<std::string, std::string>& stored);
    // The stored device, "auto" where this machine does not have it (any more).
    static std::string storedDevice(const std::map<std::string, std::string>& stored);

    Theme theme() const { return m_theme; }
    void setTheme(Theme theme);
    bool isDark() const;
    QString language() const { return text("language", QStringLiteral("system")); }
    void setLanguage(const QString& language);
    int textSize() const;
    void setTextSize(int pixels);
    bool enterSends() const { return flag("enterSends", true); }
    void setEnterSends(bool isOn);
    bool reducedMotion() const { return flag("reducedMotion", false); }
    void setReducedMotion(bool isOn);
    QString systemPrompt() const { return text("systemPrompt", {}); }
    void setSystemPrompt(const QString& prompt);
    SamplingModel* sampling() { return &m_sampling; }
    int contextTokens() const { return number("contextTokens", 0); }
    void setContextTokens(int tokens);
    int threads() const { return number("threads", 0); }
    void setThreads(int threads);
    QString device() const { return text("device", QStringLiteral("auto")); }
    void setDevice(const QString& device);
    QString kvType() const { return text("kvType", QStringLiteral("f16")); }
    void setKvType(const QString& type);
    QStringList modelFolders() const;
    void addModelFolder(const QString& folder);
    void removeModelFolder(const QString& folder);
    QString lastModel() const { return text("lastModel", {}); }
    void setLastModel(const QString& path);
    bool isFirstRun() const { return !flag("firstRunDone", false); }
    bool isListOpen() const { return flag("listOpen", true); }
    void setListOpen(bool isOpen);
    bool isLiveOpen() const { return flag("liveOpen", true); }
    void setLiveOpen(bool isOpen);
    QRect windowGeometry() const;
    void setWindowGeometry(const QRect& geometry);

signals:
    void themeChanged();
    void languageChanged();
    void textSizeChanged();
    void enterSendsChanged();
    void reducedMotionChanged();
    void systemPromptChanged();
    void engineChanged();
    void modelFoldersChanged();
    void isFirstRunChanged();
    void layoutChanged();

private:
    bool flag(const char* key, bool fallback) const;
    int number(const char* key, int fallback) const;
    QString text(const char* key, const QString& fallback) const;
    // Stores the value when it differs; returns whether it did.
    bool store(const char* key, const QJsonValue& value);
    void write();

    StorageBridge& m_storage;
    QMap<QString, QJsonValue> m_values;
    QMap<QString, QJsonValue>
        m_unwritten;  // collected for a moment: a window being dragged writes once
    QTimer m_pause;
    Theme m_theme = System;
    SystemTheme m_systemTheme;
    SamplingModel m_sampling;
};

}  // namespace sotto::app
