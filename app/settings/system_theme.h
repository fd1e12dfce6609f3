// SystemTheme: whether the desktop asks for a dark look, and when that changes.
//
// Qt 6.4 cannot tell (QStyleHints::colorScheme came with 6.5), so the freedesktop settings portal
// is asked over DBus; without one the palette decides. GUI thread only. Source:
// org.freedesktop.portal.Settings, appearance namespace.
#pragma once

#include <QObject>
#include <QVariant>

class QDBusVariant;

namespace sotto::app {

class SystemTheme : public QObject {
    Q_OBJECT

public:
    explicit SystemTheme(QObject* parent = nullptr);

    bool isDark() const { return m_isDark; }

signals:
    void changed();

private slots:
    void takeSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void take(const QVariant& colorScheme);

    bool m_isDark = true;
};

}  // namespace sotto::app
