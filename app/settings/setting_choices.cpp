#include "app/settings/setting_choices.h"

#include <QCoreApplication>
#include <QLocale>
#include <QVariantMap>
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "app/core/settings_layers.h"
#include "engine/api/engine_options.h"

namespace sotto::app {
namespace {

struct SettingChoices {
    Q_DECLARE_TR_FUNCTIONS(SettingChoices)
};

// What is worth choosing: keys suffer more from few bits than values do.
constexpr std::array kOfferedKvTypes{
    KvTypes{KvType::F16, KvType::F16},       KvTypes{KvType::Q8_0, KvType::Q8_0},
    KvTypes{KvType::Q8_0, KvType::Q5_0},     KvTypes{KvType::Q5_0, KvType::Q5_0},
    KvTypes{KvType::Q4_0, KvType::Q4_0},     KvTypes{KvType::F8E4M3, KvType::F8E4M3},
    KvTypes{KvType::F8E5M2, KvType::F8E5M2}, KvTypes{KvType::F32, KvType::F32}};

QString kvName(KvType type) {
    if (type == KvType::F8E4M3) return QStringLiteral("FP8 E4M3");
    if (type == KvType::F8E5M2) return QStringLiteral("FP8 E5M2");
    const std::string_view name = kvTypeTraits(type).name;
    return QString::fromUtf8(name.data(), static_cast<int>(name.size())).toUpper();
}

QString kvTypesName(KvTypes types) {
    if (types.key == types.value) return kvName(types.key);
    return SettingChoices::tr("%1, values %2").arg(kvName(types.key), kvName(types.value));
}

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

QVariantList kvTypeChoices(const QString& current) {
    QVariantList choices;
    std::vector<KvTypes> offered(kOfferedKvTypes.begin(), kOfferedKvTypes.end());
    const auto chosen = kvTypesFromText(current.toStdString());
    if (chosen && std::ranges::find(offered, *chosen) == offered.end()) offered.push_back(*chosen);
    for (const KvTypes types : offered)
        choices.append(choice(kvTypesName(types), QString::fromStdString(kvTypesText(types))));
    return choices;
}

QString kvTypeName(const QString& types) {
    return kvTypesName(kvTypesFromText(types.toStdString()).value_or(KvTypes()));
}

QString kvTypeDetail(const QString& types) {
    const KvTypes kv = kvTypesFromText(types.toStdString()).value_or(KvTypes());
    if (kv == KvTypes{KvType::F16, KvType::F16})
        return SettingChoices::tr("F16 takes half the memory of F32.");
    if (kv == KvTypes{KvType::F32, KvType::F32})
        return SettingChoices::tr("F32 takes twice the memory of F16.");
    const auto percent = std::lround(100 * bytesOfPair(kv) / bytesOfPair({}));
    return (isCoarse(kv.key) || isCoarse(kv.value)
                ? SettingChoices::tr("%1 % of F16's memory. Answers may become worse.")
                : SettingChoices::tr("%1 % of F16's memory. Answers hardly change."))
        .arg(percent);
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
