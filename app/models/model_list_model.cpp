#include "app/models/model_list_model.h"

namespace sotto::app {

ModelListModel::ModelListModel(QObject* parent) : QAbstractListModel(parent) {}

void ModelListModel::setEntries(std::vector<ModelEntry> entries) {
    if (entries == m_entries) return;
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
    emit countChanged();
}

void ModelListModel::setLoadedPath(const QString& path) {
    m_loadedPath = path;
    tellAll();
}

void ModelListModel::setMachine(qint64 memoryAvailable, double readBandwidth) {
    m_memoryAvailable = memoryAvailable;
    m_readBandwidth = readBandwidth;
    tellAll();
}

void ModelListModel::tellAll() {
    if (!m_entries.empty()) emit dataChanged(index(0), index(rowCount() - 1));
}

ModelListModel::Fit ModelListModel::fit(const ModelEntry& entry) const {
    if (!entry.isReadable) return Unreadable;
    if (entry.path == m_loadedPath) return IsLoaded;
    if (m_memoryAvailable == 0 || entry.memoryBytes == 0) return Unknown;
    if (entry.memoryBytes > m_memoryAvailable) return DoesNotFit;
    return entry.isShortened ? FitsShorter : Fits;
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
        case ContextTokensRole: return entry.contextTokens;
        case FitRole: return fit(entry);
        case PredictedSpeedRole:
            return entry.bytesPerToken > 0
                       ? m_readBandwidth * 1e9 / static_cast<double>(entry.bytesPerToken)
                       : 0.0;
        case IsDemoRole: return entry.isDemo;
        case ProblemRole: return entry.problem;
        default: return {};
    }
}

QHash<int, QByteArray> ModelListModel::roleNames() const {
    return {{NameRole, "name"},
            {PathRole, "path"},
            {QuantizationRole, "quantization"},
            {FileBytesRole, "fileBytes"},
            {MemoryBytesRole, "memoryBytes"},
            {ContextTokensRole, "contextTokens"},
            {FitRole, "fit"},
            {PredictedSpeedRole, "predictedSpeed"},
            {IsDemoRole, "isDemo"},
            {ProblemRole, "problem"}};
}

}  // namespace sotto::app
