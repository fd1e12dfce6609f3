#include "app/settings/system_theme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QGuiApplication>
#include <QPalette>

namespace sotto::app {
namespace {

constexpr auto kService = "org.freedesktop.portal.Desktop";
constexpr auto kPath = "/org/freedesktop/portal/desktop";
constexpr auto kInterface = "org.freedesktop.portal.Settings";
constexpr auto kGroup = "org.freedesktop.appearance";
constexpr auto kKey = "color-scheme";

// The portal's values: 0 no preference, 1 dark, 2 light.
constexpr uint kPrefersDark = 1;

}  // namespace

SystemTheme::SystemTheme(QObject* parent) : QObject(parent) {
    const QColor window = QGuiApplication::palette().color(QPalette::Window);
    m_isDark = window.lightnessF() < 0.5f;
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(QString(), QString::fromLatin1(kPath), QString::fromLatin1(kInterface),
                QStringLiteral("SettingChanged"), this,
                SLOT(takeSetting(QString, QString, QDBusVariant)));
    QDBusMessage question =
        QDBusMessage::createMethodCall(QString::fromLatin1(kService), QString::fromLatin1(kPath),
                                       QString::fromLatin1(kInterface), QStringLiteral("Read"));
    question << QString::fromLatin1(kGroup) << QString::fromLatin1(kKey);
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid()) take(reply.value().variant());
        watcher->deleteLater();
    });
}

void SystemTheme::takeSetting(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group == QLatin1String(kGroup) && key == QLatin1String(kKey)) take(value.variant());
}

void SystemTheme::take(const QVariant& colorScheme) {
    // Older portals wrap the value in a second variant.
    QVariant value = colorScheme;
    if (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
    const bool isDark = value.toUInt() == kPrefersDark;
    if (isDark == m_isDark) return;
    m_isDark = isDark;
    emit changed();
}

}  // namespace sotto::app
