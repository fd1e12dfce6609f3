#include "app/jobs/quantization_list.h"

namespace sotto::app {

QuantizationList::QuantizationList(QObject* parent) : QSortFilterProxyModel(parent) {
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(this, signal, this, &QuantizationList::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &QuantizationList::countChanged);
}

void QuantizationList::setJobs(JobListModel* jobs) {
    if (jobs == sourceModel()) return;
    setSourceModel(jobs);
    emit jobsChanged();
    emit countChanged();
}

void QuantizationList::setModels(ModelListModel* models) {
    if (models == m_models) return;
    if (m_models != nullptr) disconnect(m_models, nullptr, this, nullptr);
    m_models = models;
    if (models != nullptr) {
        for (const auto signal :
             {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
            connect(models, signal, this, &QuantizationList::tellAll);
        connect(models, &QAbstractItemModel::modelReset, this, &QuantizationList::tellAll);
        connect(models, &QAbstractItemModel::dataChanged, this, &QuantizationList::tellAll);
    }
    tellAll();
    emit modelsChanged();
}

void QuantizationList::tellAll() {
    if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, 0),
                         {CanLoadRole, CanCompareRole, CanRemoveSourceRole});
}

bool QuantizationList::filterAcceptsRow(int row, const QModelIndex& parent) const {
    return sourceModel()->index(row, 0, parent).data(JobListModel::IsQuantizationRole).toBool();
}

const ModelEntry* QuantizationList::modelOf(const QModelIndex& index, int pathRole) const {
    const QString path = QSortFilterProxyModel::data(index, pathRole).toString();
    return m_models == nullptr || path.isEmpty() ? nullptr : m_models->find(path);
}

QVariant QuantizationList::data(const QModelIndex& index, int role) const {
    if (role == JobListModel::HeadingRole) return QString();
    if (role < CanLoadRole) return QSortFilterProxyModel::data(index, role);
    const bool isMade = modelOf(index, JobListModel::MadePathRole) != nullptr;
    const ModelEntry* source = modelOf(index, JobListModel::SourcePathRole);
    switch (role) {
        case CanLoadRole: return isMade;
        case CanCompareRole: return isMade && source != nullptr;
        case CanRemoveSourceRole: return isMade && source != nullptr && !source->isDemo;
        default: return {};
    }
}

QHash<int, QByteArray> QuantizationList::roleNames() const {
    QHash<int, QByteArray> names = QSortFilterProxyModel::roleNames();
    names.insert(CanLoadRole, "canLoad");
    names.insert(CanCompareRole, "canCompare");
    names.insert(CanRemoveSourceRole, "canRemoveSource");
    return names;
}

}  // namespace sotto::app
