#include "app/settings/setting_choices.h"

#include <QCoreApplication>
#include <QLocale>
#include <QVariantMap>
#include <algorithm>
#include <vector>

#include "app/core/settings_layers.h"

namespace sotto::app {
namespace {

struct SettingChoices {
    Q_DECLARE_TR_FUNCTIONS(SettingChoices)
};

QVariantMap choice(const QString& text, const QVariant& value) {
    return {{QStringLiteral("text"), text}, {QStringLiteral("value"), value}};
}

std::vector<int> withCurrent(std::vector<int> values, int current) {
    if (std::find(values.begin(), values.end(), current) == values.end() && current > 0)
        values.insert(std::upper_bound(values.begin(), values.end(), current), current);
    return values;
}

QVariantList counts(const std::vector<int>& values, int current) {
    QVariantList choices;
    for (const int value : withCurrent(values, current))
        choices.append(choice(
            value == 0 ? SettingChoices::tr("Automatic") : QLocale().toString(value), value));
    return choices;
}

}  // namespace

QVariantList contextChoices(int current) {
    constexpr int kOwn = static_cast<int>(kOwnContext);
    QVariantList choices =
        counts({0, 1024, 2048, 4096, 8192, 16384, 32768}, current == kOwn ? 0 : current);
    choices.append(choice(SettingChoices::tr("The model's own"), kOwn));
    return choices;
}

QVariantList threadChoices(int current) {
    return counts({0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64}, current);
}

QVariantList kvTypeChoices() {
    QVariantList choices;
    for (const std::string_view type : kvTypeSettings()) {
        const QString name = QString::fromUtf8(type.data(), static_cast<int>(type.size()));
        choices.append(choice(name.toUpper(), name));
    }
    return choices;
}

QVariantList idleChoices(int current) {
    QVariantList choices{choice(SettingChoices::tr("Never"), 0)};
    for (const int minutes : withCurrent({5, 15, 60}, current))
        choices.append(choice(SettingChoices::tr("After %n minute(s)", "", minutes), minutes));
    return choices;
}

QVariantList binDaysChoices(int current) {
    QVariantList choices;
    for (const int days : withCurrent({7, 30, 90}, current))
        choices.append(choice(SettingChoices::tr("After %n day(s)", "", days), days));
    choices.append(choice(SettingChoices::tr("Keep until I delete them"), 0));
    return choices;
}

QVariantList prefixCacheChoices(int current) {
    QVariantList choices;
    for (const int gigabytes : withCurrent({1, 2, 4, 8, 16, 32, 64}, current))
        choices.append(choice(SettingChoices::tr("%1 GB").arg(gigabytes), gigabytes));
    return choices;
}

QVariantList textSizeChoices(int smallest, int largest) {
    QVariantList choices;
    for (int size = smallest; size <= largest; ++size)
        choices.append(choice(SettingChoices::tr("%1 px").arg(size), size));
    return choices;
}

}  // namespace sotto::app
