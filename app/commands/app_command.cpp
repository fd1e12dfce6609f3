#include "app/commands/app_command.h"

#include <QVariantMap>

namespace sotto::app {
namespace {

QString shownKey(const QString& key) {
    static const struct {
        QLatin1String name;
        QString shown;
    } kKeys[] = {{QLatin1String("Left"), QStringLiteral("←")},
                 {QLatin1String("Right"), QStringLiteral("→")},
                 {QLatin1String("Return"), QStringLiteral("Enter")}};
    for (const auto& entry : kKeys)
        if (key == entry.name) return entry.shown;
    return key;
}

// The last + of "Ctrl++" is a key itself.
QStringList keysOf(const QString& combination) {
    const bool endsWithPlus = combination.endsWith(QLatin1Char('+'));
    QStringList keys = combination.split(QLatin1Char('+'), Qt::SkipEmptyParts);
    if (endsWithPlus) keys.append(QStringLiteral("+"));
    return keys;
}

QVariantMap cap(const QString& text, bool isKey) {
    return {{QStringLiteral("text"), text}, {QStringLiteral("isKey"), isKey}};
}

}  // namespace

// On many keyboards + is the shifted =, and nobody presses Shift to make text larger.
QVariantList AppCommand::sequences() const {
    if (m_keys.isEmpty()) return {};
    QVariantList spellings{m_keys};
    if (m_keys.endsWith(QLatin1String("++")))
        spellings.append(m_keys.chopped(1) + QLatin1Char('='));
    return spellings;
}

void AppCommand::setEnabled(bool isEnabled) {
    if (isEnabled == m_isEnabled) return;
    m_isEnabled = isEnabled;
    emit changed();
}

QVariantList keyCaps(const QString& keys) {
    const QString separator = QStringLiteral(" / ");
    QVariantList caps;
    for (const QString& combination : keys.split(separator, Qt::SkipEmptyParts)) {
        if (!caps.isEmpty()) caps.append(cap(separator.trimmed(), false));
        for (const QString& key : keysOf(combination)) caps.append(cap(shownKey(key), true));
    }
    return caps;
}

}  // namespace sotto::app
