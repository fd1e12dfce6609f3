// InstalledModels: the models of this computer as the page of models shows them: what is called
// alike stands together, favourites first, the built-in one last.
//
// Made by the page; borrows the list. GUI thread only.
#pragma once

#include <QHash>
#include <QQmlEngine>
#include <QSortFilterProxyModel>

#include "app/models/model_list_model.h"

namespace sotto::app {

class InstalledModels : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::ModelListModel* models READ models WRITE setModels NOTIFY modelsChanged)
    Q_PROPERTY(Order order READ order WRITE setOrder NOTIFY orderChanged)
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Order { LastUsed, Name, Size };
    Q_ENUM(Order)

    explicit InstalledModels(QObject* parent = nullptr);

    ModelListModel* models() const;
    void setModels(ModelListModel* models);
    Order order() const { return m_order; }
    void setOrder(Order order);
    int rowCountProperty() const { return rowCount(); }

signals:
    void modelsChanged();
    void orderChanged();
    void countChanged();

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    // Of all files of one model.
    struct Group {
        qint64 lastUsedAt = 0;
        qint64 bytes = 0;  // of the largest
        bool isFavourite = false;
        bool isDemo = false;

        bool operator==(const Group&) const = default;
    };
    void regroup();

    Order m_order = LastUsed;
    QHash<QString, Group> m_groups;  // by the model's name
};

}  // namespace sotto::app
