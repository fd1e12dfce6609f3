#include "app/models/model_list_model.h"

#include <QLocale>
#include <algorithm>

#include "app/models/machine.h"
#include "app/models/model_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {

ModelListModel::ModelListModel(QObject* parent)
    : QAbstractListModel(parent), m_format(std::make_unique<NumberFormat>()) {
    connect(&m_language, &LanguageWatch::changed, this, &ModelListModel::followLanguage);
    followLanguage();
}

void ModelListModel::followLanguage() {
    const bool isChinese = QLocale().language() == QLocale::Chinese;
    m_format->setLanguage(isChinese ? QStringLiteral("zh_CN") : QStringLiteral("en"));
    tellAll();
}

ModelListModel::~ModelListModel() = default;

void ModelListModel::setEntries(std::vector<ModelEntry> entries) {
    if (entries == m_entries) return;
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
    emit countChanged();
    emit predictionsChanged();
}

void ModelListModel::setLoadedPath(const QString& path) {
    m_loadedPath = path;
    tellAll();
}

void ModelListModel::setBandwidths(double processor, double card) {
    m_processorBandwidth = processor;
    m_cardBandwidth = card;
    tellAll();
    emit predictionsChanged();
}

void ModelListModel::tellAll() {
    if (!m_entries.empty()) emit dataChanged(index(0), index(rowCount() - 1));
}

ModelListModel::Fit ModelListModel::fit(const ModelEntry& entry) const {
    if (!entry.isReadable) return Unreadable;
    if (entry.path == m_loadedPath) return IsLoaded;
    if (entry.isTooLarge) return DoesNotFit;
    if (entry.memoryBytes == 0) return Unknown;
    return entry.isShortened ? FitsShorter : Fits;
}

// The devices work one after the other, so their times add up.
double ModelListModel::predictedSpeed(const ModelEntry& entry) const {
    const struct {
        qint64 bytes;
        double bandwidth;
    } parts[] = {{entry.bytesPerToken - entry.cardBytesPerToken, m_processorBandwidth},
                 {entry.cardBytesPerToken, m_cardBandwidth}};
    if (static_cast<double>(entry.bytesPerToken) < kCacheBytes) return 0;
    double seconds = 0;
    for (const auto& part : parts) {
        if (part.bytes <= 0) continue;
        if (part.bandwidth <= 0) return 0;
        seconds += static_cast<double>(part.bytes) / (part.bandwidth * 1e9);
    }
    return seconds > 0 ? 1 / seconds : 0;
}

bool ModelListModel::hasPredictions() const {
    return std::any_of(m_entries.begin(), m_entries.end(),
                       [this](const ModelEntry& entry) { return predictedSpeed(entry) > 0; });
}

int ModelListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant ModelListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ModelEntry& entry = m_entries[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case NameRole: return entry.name;
        case PathRole: return entry.path;
        case QuantizationRole: return entry.quantization;
        case FileBytesRole: return entry.fileBytes;
        case MemoryBytesRole: return entry.memoryBytes;
        case CardBytesRole: return entry.cardBytes;
        case ContextTokensRole: return entry.contextTokens;
        case FitRole: return fit(entry);
        case PlacementRole: return entry.placement;
        case CardLayersRole: return entry.nCardLayers;
        case LayerCountRole: return entry.nLayers;
        case PredictedSpeedRole: return predictedSpeed(entry);
        case IsDemoRole: return entry.isDemo;
        case ProblemRole: return entry.problem;
        case IsLoadedRole: return fit(entry) == IsLoaded;
        case CanLoadRole: return fit(entry) != Unreadable;
        case IsProblemRole: return fit(entry) == Unreadable || fit(entry) == DoesNotFit;
        case NoteRole: return modelNote(entry, fit(entry), *m_format);
        case PlacementTextRole: return modelPlacementText(entry, fit(entry));
        case OriginTextRole: return modelOriginText(entry);
        case SpokenTextRole: return modelSpokenText(entry, fit(entry), *m_format);
        default: return {};
    }
}

QHash<int, QByteArray> ModelListModel::roleNames() const {
    return {{NameRole, "name"},
            {PathRole, "path"},
            {QuantizationRole, "quantization"},
            {FileBytesRole, "fileBytes"},
            {MemoryBytesRole, "memoryBytes"},
            {CardBytesRole, "cardBytes"},
            {ContextTokensRole, "contextTokens"},
            {FitRole, "fit"},
            {PlacementRole, "placement"},
            {CardLayersRole, "cardLayers"},
            {LayerCountRole, "layerCount"},
            {PredictedSpeedRole, "predictedSpeed"},
            {IsDemoRole, "isDemo"},
            {ProblemRole, "problem"},
            {IsLoadedRole, "isLoaded"},
            {CanLoadRole, "canLoad"},
            {IsProblemRole, "isProblem"},
            {NoteRole, "note"},
            {PlacementTextRole, "placementText"},
            {OriginTextRole, "originText"},
            {SpokenTextRole, "spokenText"}};
}

}  // namespace sotto::app
