#include "app/settings/sampling_model.h"

#include <QLocale>
#include <QRegularExpression>
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

}  // namespace

SamplingModel::SamplingModel(LayeredSettings& settings, QObject* parent)
    : QAbstractListModel(parent), m_settings(settings) {
    connect(&m_settings, &LayeredSettings::changed, this, [this] {
        emit dataChanged(index(0), index(rowCount() - 1), {ValueRole, SourceRole});
        emit changed();
    });
    connect(&m_settings, &LayeredSettings::edited, this, &SamplingModel::edited);
}

SamplingModel::SamplingModel(Source layer, SamplingModel* below, QObject* parent)
    : SamplingModel(std::make_unique<LayeredSettings>(static_cast<LayeredSettings::Source>(layer),
                                                      below ? &below->m_settings : nullptr),
                    parent) {}

SamplingModel::SamplingModel(std::unique_ptr<LayeredSettings> settings, QObject* parent)
    : SamplingModel(*settings, parent) {
    m_made = std::move(settings);
}

SamplingModel::~SamplingModel() = default;

void SamplingModel::apply(GenerationRequest& request) const {
    applySettings(m_settings.effective(), request);
}

QString SamplingModel::summary() const {
    return QLocale().toString(valueOf(QStringLiteral("temperature")), 'g', 3);
}

void SamplingModel::setValue(const QString& key, double value) { m_settings.setNumber(key, value); }

void SamplingModel::setText(const QString& key, const QString& text) {
    static const QRegularExpression kGrouping(QStringLiteral("[\\s,](?=\\d{3}(\\D|$))"));
    for (const NumberSetting& setting : numberSettings()) {
        if (key.toStdString() != setting.key) continue;
        const bool canBeUnset = setting.isWhole && setting.minimum < 0;
        QString digits = text.trimmed();
        if (setting.isWhole) digits.remove(kGrouping);
        bool isNumber = false;
        const double value = digits.replace(QLatin1Char(','), QLatin1Char('.')).toDouble(&isNumber);
        if (isNumber || canBeUnset) setValue(key, isNumber ? value : -1);
    }
}

void SamplingModel::reset(const QString& key) { m_settings.reset(key); }

void SamplingModel::resetAll() { m_settings.resetNumbers(); }

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
