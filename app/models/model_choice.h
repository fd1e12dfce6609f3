// ModelChoice: the few models that the first page shows as cards: the built-in one, the one that
// suits this computer, and the first others.
//
// Made by the page; borrows the list. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <QSortFilterProxyModel>

#include "app/models/model_list_model.h"

namespace sotto::app {

class ModelChoice : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::ModelListModel* models READ models WRITE setModels NOTIFY modelsChanged)
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    static constexpr int kMost = 5;  // with the card for one's own files six: two full rows

    explicit ModelChoice(QObject* parent = nullptr);

    ModelListModel* models() const;
    void setModels(ModelListModel* models);
    int rowCountProperty() const { return rowCount(); }

signals:
    void modelsChanged();
    void countChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
};

}  // namespace sotto::app
