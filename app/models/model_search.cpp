#include "app/models/model_search.h"

namespace sotto::app {

ModelSearch::ModelSearch(QObject* parent) : QSortFilterProxyModel(parent) {}

ModelListModel* ModelSearch::models() const { return qobject_cast<ModelListModel*>(sourceModel()); }

void ModelSearch::setModels(ModelListModel* models) {
    if (models == sourceModel()) return;
    setSourceModel(models);
    emit modelsChanged();
}

void ModelSearch::setText(const QString& text) {
    if (text == m_text) return;
    m_text = text;
    invalidateFilter();
    emit textChanged();
}

bool ModelSearch::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex model = sourceModel()->index(row, 0, parent);
    for (const int role : {ModelListModel::NameRole, ModelListModel::QuantizationRole})
        if (model.data(role).toString().contains(m_text, Qt::CaseInsensitive)) return true;
    return false;
}

int ModelSearch::loadedRow() const {
    for (int row = 0; row < rowCount(); ++row)
        if (index(row, 0).data(ModelListModel::FitRole).toInt() == ModelListModel::IsLoaded)
            return row;
    return 0;
}

}  // namespace sotto::app
