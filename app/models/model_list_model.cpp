#include "app/models/model_list_model.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <numeric>
#include <utility>

#include "app/models/machine.h"
#include "app/models/model_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

QString folderOf(const QString& path) {
    const QString folder = QFileInfo(path).path();
    const QString home = QDir::homePath() + QLatin1Char('/');
    return folder.startsWith(home) ? folder.mid(home.size()) : folder;
}

}  // namespace

ModelInfo plannedInfo(const ModelEntry& entry) {
    ModelInfo info;
    info.bytesPerToken = static_cast<std::uint64_t>(entry.bytesPerToken);
    info.cardBytesPerToken = static_cast<std::uint64_t>(entry.cardBytesPerToken);
    info.weightUse = entry.weightUse;
    info.memory.kv = static_cast<std::uint64_t>(entry.kvBytes);
    info.contextTokens = entry.contextTokens;
    return info;
}

ModelListModel::ModelListModel(QObject* parent)
    : RowModel(parent), m_format(std::make_unique<NumberFormat>()) {
    connect(&m_language, &LanguageWatch::changed, this, &ModelListModel::followLanguage);
    followLanguage();
}

void ModelListModel::followLanguage() {
    m_format->followLanguage();
    tellAll();
}

ModelListModel::~ModelListModel() = default;

void ModelListModel::setEntries(std::vector<ModelEntry> entries) {
    if (entries == m_entries) return;
    const int nBefore = rowCount();
    replaceMiddle(m_entries, entries);
    if (m_entries != entries) m_entries = std::move(entries);
    suggest();
    tellAll();
    if (rowCount() != nBefore) emit countChanged();
    emit predictionsChanged();
}

void ModelListModel::setLoadedPath(const QString& path) {
    m_loadedPath = path;
    tellAll();
}

void ModelListModel::setRates(KnownRates rates) {
    if (rates == m_rates) return;
    m_rates = std::move(rates);
    suggest();
    tellAll();
    emit predictionsChanged();
}

void ModelListModel::suggest() {
    m_suggested = -1;
    // Better is what is fast enough, and of those what is larger, of the others what is faster.
    const auto rank = [this](const ModelEntry& entry) {
        const double speed = predictedSpeed(entry);
        const bool isFastEnough = speed == 0 || speed >= kReadingSpeed;
        return std::pair(isFastEnough,
                         isFastEnough ? static_cast<double>(entry.memoryBytes) : speed);
    };
    for (std::size_t row = 0; row < m_entries.size(); ++row) {
        const ModelEntry& entry = m_entries[row];
        if (entry.isDemo || !entry.isReadable || entry.isTooLarge || entry.memoryBytes == 0)
            continue;
        if (m_suggested < 0 || rank(entry) > rank(m_entries[static_cast<std::size_t>(m_suggested)]))
            m_suggested = static_cast<int>(row);
    }
}

void ModelListModel::tellAll() {
    if (!m_entries.empty()) emit dataChanged(index(0), index(rowCount() - 1));
}

ModelListModel::Fit ModelListModel::fit(const ModelEntry& entry) const {
    if (entry.path == m_loadedPath) return IsLoaded;  // whatever has become of its file
    if (!entry.isReadable) return Unreadable;
    if (entry.isTooLarge) return DoesNotFit;
    if (entry.memoryBytes == 0) return Unknown;
    return entry.isShortened ? FitsShorter : Fits;
}

ModelSpeed ModelListModel::speedAt(const ModelEntry& entry, double depth) const {
    const ModelInfo info = plannedInfo(entry);
    if (entry.isUnpacked || staysInCache(info)) return {};
    return speedOf(info, m_rates, {.depth = static_cast<std::int64_t>(depth)});
}

double ModelListModel::predictedSpeed(const ModelEntry& entry) const {
    const ModelSpeed forecast = speedAt(entry, 0);
    const Speed known = m_speeds.value(entry.path);
    return forecast.forecast.tokensPerSecond *
           (forecast.basis == SpeedBasis::Rates ? known.rateCorrection : known.bandwidthCorrection);
}

ModelSpeed ModelListModel::forecastOf(const QString& path, double depth) const {
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                    [&path](const ModelEntry& row) { return row.path == path; });
    return found == m_entries.end() ? ModelSpeed() : speedAt(*found, depth);
}

void ModelListModel::setSpeeds(QHash<QString, Speed> speeds) {
    if (speeds == m_speeds) return;
    m_speeds = std::move(speeds);
    suggest();
    tellAll();
    emit predictionsChanged();
}

bool ModelListModel::hasOwn() const {
    return std::any_of(m_entries.begin(), m_entries.end(),
                       [](const ModelEntry& entry) { return !entry.isDemo; });
}

bool ModelListModel::hasPredictions() const {
    return std::any_of(m_entries.begin(), m_entries.end(),
                       [this](const ModelEntry& entry) { return predictedSpeed(entry) > 0; });
}

qint64 ModelListModel::bytes() const {
    return std::accumulate(
        m_entries.begin(), m_entries.end(), qint64{0},
        [](qint64 sum, const ModelEntry& entry) { return sum + entry.fileBytes; });
}

const ModelEntry* ModelListModel::find(const QString& path) const {
    const auto entry = std::ranges::find(m_entries, path, &ModelEntry::path);
    return entry == m_entries.end() ? nullptr : &*entry;
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
        case FileNameRole: return entry.fileName;
        case FolderRole: return folderOf(entry.path);
        case DistinctionRole: return entry.distinction;
        case ArchitectureRole: return entry.architecture;
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
        case IsSuggestedRole: return index.row() == m_suggested;
        case ProblemRole: return entry.problem;
        case IsLoadedRole: return fit(entry) == IsLoaded;
        case CanLoadRole: return fit(entry) != Unreadable;
        case IsProblemRole: return fit(entry) == Unreadable || fit(entry) == DoesNotFit;
        case NoteRole: return modelNote(entry, fit(entry), *m_format);
        case PlacementTextRole: return modelPlacementText(entry, fit(entry));
        case OriginTextRole: return modelOriginText(entry, index.row() == m_suggested);
        case SpokenTextRole: return modelSpokenText(entry, fit(entry), *m_format);
        case MeasuredSpeedRole: return m_speeds.value(entry.path).measured;
        case LastUsedRole: return entry.lastUsedAt;
        case IsFavouriteRole: return entry.isFavourite;
        case OwnNameRole: return entry.ownName;
        case OwnLoadTextRole: return ownLoadText(entry.ownLoad, *m_format);
        case SpeedNoteRole: return speedNote(speedAt(entry, 0).basis);
        default: return {};
    }
}

QHash<int, QByteArray> ModelListModel::roleNames() const {
    return {{NameRole, "name"},
            {PathRole, "path"},
            {FileNameRole, "fileName"},
            {FolderRole, "folder"},
            {DistinctionRole, "distinction"},
            {ArchitectureRole, "architecture"},
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
            {IsSuggestedRole, "isSuggested"},
            {ProblemRole, "problem"},
            {IsLoadedRole, "isLoaded"},
            {CanLoadRole, "canLoad"},
            {IsProblemRole, "isProblem"},
            {NoteRole, "note"},
            {PlacementTextRole, "placementText"},
            {OriginTextRole, "originText"},
            {SpokenTextRole, "spokenText"},
            {MeasuredSpeedRole, "measuredSpeed"},
            {LastUsedRole, "lastUsedAt"},
            {IsFavouriteRole, "isFavourite"},
            {SpeedNoteRole, "speedNote"},
            {OwnLoadTextRole, "ownLoadText"},
            {OwnNameRole, "ownName"}};
}

}  // namespace sotto::app
