#include "app/system/translation.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>

namespace sotto::app {

Translation::Translation(QObject* parent) : QObject(parent) {}

Translation::~Translation() {
    if (!QCoreApplication::instance()) return;
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_toolkit);
}

QString Translation::resolve(const QString& setting, const QStringList& systemLanguages) {
    if (setting != QStringLiteral("system")) {
        return setting.startsWith(QStringLiteral("zh")) ? QStringLiteral("zh_CN")
                                                        : QStringLiteral("en");
    }
    for (const QString& language : systemLanguages) {
        if (language.startsWith(QStringLiteral("zh"))) return QStringLiteral("zh_CN");
        if (language.startsWith(QStringLiteral("en"))) break;
    }
    return QStringLiteral("en");
}

void Translation::setSetting(const QString& setting) {
    if (setting == m_setting && !m_own.isEmpty()) return;
    m_setting = setting;
    emit settingChanged();
    apply();
}

void Translation::apply() {
    const QString language = resolve(m_setting, QLocale::system().uiLanguages());
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_toolkit);
    // The sources are English; its file holds plural forms only.
    if (m_own.load(QStringLiteral(":/i18n/sotto_%1.qm").arg(language))) {
        QCoreApplication::installTranslator(&m_own);
    } else {
        qWarning("The translation into %s is missing.", qPrintable(language));
    }
    if (m_toolkit.load(QStringLiteral("qtbase_%1").arg(language),
                       QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(&m_toolkit);
    }
    // Numbers and the sentences of errors follow the window's language, not the system's.
    QLocale::setDefault(QLocale(language));
    if (QQmlEngine* engine = qmlEngine(this)) engine->retranslate();
    if (language == m_current) return;
    m_current = language;
    emit currentChanged();
}

}  // namespace sotto::app
