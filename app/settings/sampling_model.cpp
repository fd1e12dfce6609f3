#include "app/settings/sampling_model.h"

#include <QLocale>
#include <QRegularExpression>
#include <cmath>
#include <utility>

#include "app/settings/sampling_texts.h"
#include "app/system/number_format.h"

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

constexpr double kMostSliderSteps = 1000;  // beyond, a notch is less than a pixel

}  // namespace

SamplingModel::SamplingModel(LayeredSettings& settings, QObject* parent)
    : QAbstractListModel(parent), m_format(std::make_unique<NumberFormat>()), m_settings(settings) {
    followLanguage();
    connect(&m_language, &LanguageWatch::changed, this, &SamplingModel::followLanguage);
    connect(&m_settings, &LayeredSettings::changed, this, [this] {
        emit dataChanged(index(0), index(rowCount() - 1), {ValueRole, SourceRole, ShownTextRole});
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

void SamplingModel::followLanguage() {
    m_format->followLanguage();
    emit dataChanged(index(0), index(rowCount() - 1));
}

void SamplingModel::apply(GenerationRequest& request) const {
    applySettings(m_settings.effective(), request);
}

QString SamplingModel::summary() const {
    return QLocale().toString(valueOf(QStringLiteral("temperature")), 'g', 3);
}

void SamplingModel::setValue(const QString& key, double value) { m_settings.setNumber(key, value); }

QString SamplingModel::setText(const QString& key, const QString& text) {
    static const QRegularExpression kGrouping(QStringLiteral("[\\s,](?=\\d{3}(\\D|$))"));
    for (const NumberSetting& setting : numberSettings()) {
        if (key.toStdString() != setting.key) continue;
        QString digits = text.trimmed();
        if (setting.isWhole) digits.remove(kGrouping);
        bool isNumber = false;
        const double value = digits.replace(QLatin1Char(','), QLatin1Char('.')).toDouble(&isNumber);
        if (!isNumber && canBeUnset(setting)) {
            setValue(key, -1);
            return {};
        }
        const bool isAllowed = isNumber && std::isfinite(value) && value >= setting.minimum &&
                               value <= setting.maximum;
        if (!isAllowed) return samplingRange(setting, *m_format);
        setValue(key, value);
    }
    return {};
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
        case DecimalsRole: return setting.isWhole ? 0 : kSamplingDecimals;
        case SourceRole: return sourceOf(key);
        case NameRole: return samplingName(setting);
        case ExplanationRole: return samplingExplanation(setting);
        case ShownTextRole: return samplingValue(setting, valueOf(key), *m_format);
        case RangeTextRole: return samplingRange(setting, *m_format);
        case HasSliderRole:
            return sliderOf(setting).maximum - sliderOf(setting).minimum <= kMostSliderSteps;
        default: return {};
    }
}

QHash<int, QByteArray> SamplingModel::roleNames() const {
    return {{KeyRole, "key"},
            {ValueRole, "value"},
            {MinimumRole, "minimum"},
            {MaximumRole, "maximum"},
            {StepRole, "step"},
            {DecimalsRole, "decimals"},
            {SourceRole, "source"},
            {NameRole, "name"},
            {ExplanationRole, "explanation"},
            {ShownTextRole, "shownText"},
            {RangeTextRole, "rangeText"},
            {HasSliderRole, "hasSlider"}};
}

}  // namespace sotto::app
