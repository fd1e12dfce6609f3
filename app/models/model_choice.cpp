#include "app/models/model_choice.h"

namespace sotto::app {

ModelChoice::ModelChoice(QObject* parent) : QSortFilterProxyModel(parent) {
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(this, signal, this, &ModelChoice::countChanged);
    connect(this, &QAbstractItemModel::modelReset, this, &ModelChoice::countChanged);
}

ModelListModel* ModelChoice::models() const { return qobject_cast<ModelListModel*>(sourceModel()); }

void ModelChoice::setModels(ModelListModel* models) {
    if (models == sourceModel()) return;
    if (this->models() != nullptr) disconnect(this->models(), nullptr, this, nullptr);
    setSourceModel(models);
    // Which rows are shown depends on the others.
    connect(models, &ModelListModel::countChanged, this, [this] { invalidateFilter(); });
    connect(models, &ModelListModel::predictionsChanged, this, [this] { invalidateFilter(); });
    emit modelsChanged();
    emit countChanged();
}

// The suggested one takes the place of the last of the others where it comes later.
bool ModelChoice::filterAcceptsRow(int row, const QModelIndex&) const {
    const int suggested = models()->suggestedRow();
    if (row == suggested) return true;
    return row < (suggested >= kMost ? kMost - 1 : kMost);
}

}  // namespace sotto::app
