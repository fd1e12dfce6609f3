// SettingsController: the app's own settings, stored as key and JSON value; read at start, written
// when changed.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QRect>
#include <QStringList>

#include "app/settings/sampling_model.h"

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
};

}  // namespace sotto::app
