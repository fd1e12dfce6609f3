#include "app/models/installed_models.h"

#include <algorithm>

namespace sotto::app {

InstalledModels::InstalledModels(QObject* parent) : QSortFilterProxyModel(parent) {
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(this, signal, this, &InstalledModels::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &InstalledModels::countChanged);
    sort(0);
}

ModelListModel* InstalledModels::models() const {
    return qobject_cast<ModelListModel*>(sourceModel());
}

void InstalledModels::setModels(ModelListModel* models) {
    if (models == sourceModel()) return;
    if (this->models() != nullptr) disconnect(this->models(), nullptr, this, nullptr);
    setSourceModel(models);
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(models, signal, this, &InstalledModels::regroup);
    connect(models, &QAbstractItemModel::dataChanged, this, &InstalledModels::regroup);
    regroup();
    emit modelsChanged();
    emit countChanged();
}

void InstalledModels::setOrder(Order order) {
    if (order == m_order) return;
    m_order = order;
    invalidate();
    emit orderChanged();
}

// Where a row belongs depends on the others of its model.
void InstalledModels::regroup() {
    QHash<QString, Group> groups;
    for (const ModelEntry& entry : models()->entries()) {
        Group& group = groups[entry.name];
        group.lastUsedAt = std::max(group.lastUsedAt, entry.lastUsedAt);
        group.bytes = std::max(group.bytes, entry.fileBytes);
        group.isFavourite |= entry.isFavourite;
        group.isDemo |= entry.isDemo;
    }
    if (groups == m_groups) return;
    m_groups = std::move(groups);
    invalidate();
}

bool InstalledModels::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const std::vector<ModelEntry>& entries = models()->entries();
    const ModelEntry& one = entries[static_cast<std::size_t>(left.row())];
    const ModelEntry& other = entries[static_cast<std::size_t>(right.row())];
    if (one.name == other.name)
        return std::pair(one.fileBytes, one.path) < std::pair(other.fileBytes, other.path);
    const Group first = m_groups.value(one.name), second = m_groups.value(other.name);
    if (first.isDemo != second.isDemo) return second.isDemo;
    if (first.isFavourite != second.isFavourite) return first.isFavourite;
    if (m_order == LastUsed && first.lastUsedAt != second.lastUsedAt)
        return first.lastUsedAt > second.lastUsedAt;
    if (m_order == Size && first.bytes != second.bytes) return first.bytes > second.bytes;
    const int names = QString::localeAwareCompare(one.name, other.name);
    return names != 0 ? names < 0 : one.name < other.name;
}

}  // namespace sotto::app
