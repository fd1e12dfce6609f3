// ModelSearch: the models of which something holds what was typed (name, file, folder,
// quantization, architecture), or of which a word begins with each of the words typed; in the order
// of the list.
//
// Made by the picker; borrows the list. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <QSortFilterProxyModel>

#include "app/models/model_list_model.h"

namespace sotto::app {

class ModelSearch : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::ModelListModel* models READ models WRITE setModels NOTIFY modelsChanged)
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged)  // empty: all

public:
    // The row of the loaded model; the first one when it is not among them.
    Q_INVOKABLE int loadedRow() const;

    // What the row of this file says against it; empty: nothing, or it is not among them.
    QString problemOf(const QString& path) const;

    explicit ModelSearch(QObject* parent = nullptr);

    ModelListModel* models() const;
    void setModels(ModelListModel* models);
    const QString& text() const { return m_text; }
    void setText(const QString& text);

signals:
    void modelsChanged();
    void textChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    QString m_text;
};

}  // namespace sotto::app
