#include "app/settings/sampling_model.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

namespace sotto::app {
namespace {

// One row of the list: how a setting is read from and written into a request, and in which range it
// makes sense.
struct Setting {
    const char* key;
    double minimum, maximum, step;
    int decimals;
    double fallback;
    void (*apply)(GenerationRequest& request, double value);
};

constexpr double kUnset = -1;  // seed: random; maxTokens: no limit

// Defaults are those of SamplingSettings.
const std::array<Setting, 11> kSettings{{
    {"temperature", 0, 2, 0.05, 2, 0.8,
     [](GenerationRequest& request, double value) {
         request.sampling.temperature = static_cast<float>(value);
     }},
    {"topK", 0, 500, 1, 0, 40,
     [](GenerationRequest& request, double value) {
         request.sampling.topK = static_cast<int>(value);
     }},
    {"topP", 0, 1, 0.01, 2, 0.95,
     [](GenerationRequest& request, double value) {
         request.sampling.topP = static_cast<float>(value);
     }},
    {"minP", 0, 1, 0.01, 2, 0.05,
     [](GenerationRequest& request, double value) {
         request.sampling.minP = static_cast<float>(value);
     }},
    {"typicalP", 0, 1, 0.01, 2, 1,
     [](GenerationRequest& request, double value) {
         request.sampling.typicalP = static_cast<float>(value);
     }},
    {"repeatPenalty", 0.5, 2, 0.01, 2, 1,
     [](GenerationRequest& request, double value) {
         request.sampling.repeatPenalty = static_cast<float>(value);
     }},
    {"presencePenalty", -2, 2, 0.05, 2, 0,
     [](GenerationRequest& request, double value) {
         request.sampling.presencePenalty = static_cast<float>(value);
     }},
    {"frequencyPenalty", -2, 2, 0.05, 2, 0,
     [](GenerationRequest& request, double value) {
         request.sampling.frequencyPenalty = static_cast<float>(value);
     }},
    {"dryMultiplier", 0, 5, 0.05, 2, 0,
     [](GenerationRequest& request, double value) {
         request.sampling.dry.multiplier = static_cast<float>(value);
     }},
    {"maxTokens", kUnset, 131072, 64, 0, kUnset,
     [](GenerationRequest& request, double value) {
         request.maxTokens = static_cast<std::int64_t>(value);
     }},
    // A double holds whole numbers up to 2^53 exactly; larger seeds come from the command line.
    {"seed", kUnset, 9007199254740991.0, 1, 0, kUnset,
     [](GenerationRequest& request, double value) {
         if (value >= 0) request.sampling.seed = static_cast<std::uint64_t>(value);
     }},
}};

const Setting* findSetting(const QString& key) {
    for (const Setting& setting : kSettings)
        if (key == QLatin1String(setting.key)) return &setting;
    return nullptr;
}

}  // namespace

SamplingModel::SamplingModel(Source layer, SamplingModel* below, QObject* parent)
    : QAbstractListModel(parent), m_layer(layer), m_below(below) {
    if (m_below != nullptr) connect(m_below, &SamplingModel::changed, this, &SamplingModel::tell);
}

double SamplingModel::valueOf(const QString& key) const {
    if (const auto own = m_values.find(key); own != m_values.end()) return *own;
    if (m_below != nullptr) return m_below->valueOf(key);
    const Setting* setting = findSetting(key);
    return setting != nullptr ? setting->fallback : 0;
}

SamplingModel::Source SamplingModel::sourceOf(const QString& key) const {
    if (m_values.contains(key)) return m_layer;
    return m_below != nullptr ? m_below->sourceOf(key) : Default;
}

void SamplingModel::apply(GenerationRequest& request) const {
    for (const Setting& setting : kSettings)
        setting.apply(request, valueOf(QString::fromLatin1(setting.key)));
}

QString SamplingModel::summary() const {
    return QLocale().toString(valueOf(QStringLiteral("temperature")), 'g', 3);
}

void SamplingModel::setValue(const QString& key, double value) {
    const Setting* setting = findSetting(key);
    if (setting == nullptr || !std::isfinite(value)) return;
    const double clamped = std::clamp(value, setting->minimum, setting->maximum);
    if (m_values.contains(key) && m_values[key] == clamped) return;
    m_values[key] = clamped;
    tell();
    emit edited();
}

void SamplingModel::reset(const QString& key) {
    if (m_values.remove(key) == 0) return;
    tell();
    emit edited();
}

void SamplingModel::resetAll() {
    if (m_values.isEmpty()) return;
    m_values.clear();
    tell();
    emit edited();
}

std::string SamplingModel::toJson() const {
    QJsonObject object;
    for (auto value = m_values.begin(); value != m_values.end(); ++value)
        object[value.key()] = value.value();
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

void SamplingModel::setJson(const std::string& json) {
    m_values.clear();
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    for (auto value = object.begin(); value != object.end(); ++value) {
        const Setting* setting = findSetting(value.key());
        if (setting == nullptr || !value->isDouble()) continue;
        const double number = value->toDouble();
        if (number >= setting->minimum && number <= setting->maximum)
            m_values[value.key()] = number;
    }
    tell();
}

void SamplingModel::tell() {
    emit dataChanged(index(0), index(rowCount() - 1), {ValueRole, SourceRole});
    emit changed();
}

int SamplingModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kSettings.size());
}

QVariant SamplingModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Setting& setting = kSettings[static_cast<std::size_t>(index.row())];
    const QString key = QString::fromLatin1(setting.key);
    switch (role) {
        case Qt::DisplayRole:
        case KeyRole: return key;
        case ValueRole: return valueOf(key);
        case MinimumRole: return setting.minimum;
        case MaximumRole: return setting.maximum;
        case StepRole: return setting.step;
        case DecimalsRole: return setting.decimals;
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
