// Translation: the language of the window, switched while it runs.
//
// Main.qml makes one and binds `setting` to the stored setting. It owns the translators, installs
// them in the application and makes the engine read every qsTr() again. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QTranslator>

namespace sotto::app {

class Translation : public QObject {
    Q_OBJECT
    QML_ELEMENT
    // "system", "en" or "zh_CN"
    Q_PROPERTY(QString setting READ setting WRITE setSetting NOTIFY settingChanged)
    // What the setting comes to: "en" or "zh_CN"
    Q_PROPERTY(QString current READ current NOTIFY currentChanged)

public:
    explicit Translation(QObject* parent = nullptr);
    ~Translation() override;

    QString setting() const { return m_setting; }
    void setSetting(const QString& setting);
    QString current() const { return m_current; }

    // "zh_CN" when the first of these languages that Sotto speaks is Chinese, else "en".
    static QString resolve(const QString& setting, const QStringList& systemLanguages);

signals:
    void settingChanged();
    void currentChanged();

private:
    void apply();

    QString m_setting = QStringLiteral("system");
    QString m_current = QStringLiteral("en");
    QTranslator m_own;      // this program's sentences
    QTranslator m_toolkit;  // Qt's own, for its file dialog
};

}  // namespace sotto::app
