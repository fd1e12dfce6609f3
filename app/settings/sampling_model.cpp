#include "app/settings/sampling_model.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <utility>

namespace sotto::app {
namespace {

// What a slider covers and how far one notch goes: the part of the allowed range that people use. A
// value beyond it can still be typed.
struct SliderRange {
    std::string_view key;
    double minimum, maximum, step;
};

constexpr SliderRange kSliders[] = {
    {"temperature", 0, 2, 0.05},
    {"topK", 0, 200, 1},
    {"topP", 0, 1, 0.01},
    {"minP", 0, 1, 0.01},
    {"typicalP", 0, 1, 0.01},
    {"repeatPenalty", 0.5, 2, 0.01},
    {"presencePenalty", -2, 2, 0.05},
    {"frequencyPenalty", -2, 2, 0.05},
    {"penaltyTokens", -1, 2048, 1},
    {"dryMultiplier", 0, 5, 0.05},
    {"maxTokens", -1, 16384, 64},
};

SliderRange sliderOf(const NumberSetting& setting) {
    for (const SliderRange& slider : kSliders)
        if (slider.key == setting.key) return slider;
    return {setting.key, setting.minimum, setting.maximum, 1};
}

constexpr int kDecimals = 2;  // of settings that are no whole numbers

const NumberSetting* findSetting(const QString& key) {
    for (const NumberSetting& setting : numberSettings())
        if (key.toStdString() == setting.key) return &setting;
    return nullptr;
}

SamplingModel::Source toSource(Layer layer) {
    switch (layer) {
        case Layer::App: return SamplingModel::App;
        case Layer::Chat: return SamplingModel::Chat;
        case Layer::Default:
        case Layer::Model: break;
    }
    return SamplingModel::Default;
}

}  // namespace

SamplingModel::SamplingModel(Source layer, SamplingModel* below, QObject* parent)
    : QAbstractListModel(parent), m_below(below) {
    Q_ASSERT((layer == Chat) == (below != nullptr));
    if (m_below != nullptr) connect(m_below, &SamplingModel::changed, this, &SamplingModel::tell);
}

EffectiveSettings SamplingModel::effective() const {
    return m_below == nullptr ? resolveSettings(m_own, {}, {})
                              : resolveSettings(m_below->m_own, {}, m_own);
}

double SamplingModel::valueOf(const QString& key) const {
    const EffectiveSettings settings = effective();
    const auto number = settings.numbers.find(key.toStdString());
    return number == settings.numbers.end() ? 0 : number->second.value;
}

SamplingModel::Source SamplingModel::sourceOf(const QString& key) const {
    const EffectiveSettings settings = effective();
    const auto number = settings.numbers.find(key.toStdString());
    return number == settings.numbers.end() ? Default : toSource(number->second.source);
}

void SamplingModel::apply(GenerationRequest& request) const { applySettings(effective(), request); }

QString SamplingModel::summary() const {
    return QLocale().toString(valueOf(QStringLiteral("temperature")), 'g', 3);
}

void SamplingModel::setValue(const QString& key, double value) {
    const NumberSetting* setting = findSetting(key);
    if (setting == nullptr || !std::isfinite(value)) return;
    double clamped = std::clamp(value, setting->minimum, setting->maximum);
    if (setting->isWhole) clamped = std::round(clamped);
    const auto [own, isNew] = m_own.numbers.emplace(setting->key, clamped);
    if (!isNew && std::exchange(own->second, clamped) == clamped) return;
    tell();
    emit edited();
}

void SamplingModel::reset(const QString& key) {
    if (m_own.numbers.erase(key.toStdString()) == 0) return;
    tell();
    emit edited();
}

void SamplingModel::resetAll() {
    if (m_own.numbers.empty()) return;
    m_own.numbers.clear();
    tell();
    emit edited();
}

std::string SamplingModel::toJson() const { return settingsToJson(m_own); }

void SamplingModel::setJson(const std::string& json) {
    m_own = settingsFromJson(json);
    tell();
}

void SamplingModel::tell() {
    emit dataChanged(index(0), index(rowCount() - 1), {ValueRole, SourceRole});
    emit changed();
}

int SamplingModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(numberSettings().size());
}

QVariant SamplingModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const NumberSetting& setting = numberSettings()[static_cast<std::size_t>(index.row())];
    const QString key = QString::fromUtf8(setting.key.data(), static_cast<int>(setting.key.size()));
    switch (role) {
        case Qt::DisplayRole:
        case KeyRole: return key;
        case ValueRole: return valueOf(key);
        case MinimumRole: return sliderOf(setting).minimum;
        case MaximumRole: return sliderOf(setting).maximum;
        case StepRole: return sliderOf(setting).step;
        case DecimalsRole: return setting.isWhole ? 0 : kDecimals;
        case SourceRole: return sourceOf(key);
        default: return {};
    }
}

QHash<int, QByteArray> SamplingModel::roleNames() const {
    return {{KeyRole, "key"},         {ValueRole, "value"}, {MinimumRole, "minimum"},
            {MaximumRole, "maximum"}, {StepRole, "step"},   {DecimalsRole, "decimals"},
            {SourceRole, "source"}};
}

}  // namespace sotto::app
