// QuantizationList: the quantizations of the list of jobs, for the column of downloads: what runs,
// and of what is made what can be done with it.
//
// Made by the column; borrows both lists. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <QSortFilterProxyModel>

#include "app/jobs/job_list_model.h"
#include "app/models/model_list_model.h"

namespace sotto::app {

class QuantizationList : public QSortFilterProxyModel {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::JobListModel* jobs READ jobs WRITE setJobs NOTIFY jobsChanged)
    // What is installed: a model that is not among it can neither be loaded nor compared.
    Q_PROPERTY(sotto::app::ModelListModel* models READ models WRITE setModels NOTIFY modelsChanged)
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Role {
        CanLoadRole = JobListModel::MadePathRole + 1,
        CanCompareRole,  // what was made with its source
        CanRemoveSourceRole,
    };
    Q_ENUM(Role)
    // role names: those of JobListModel, whose headings are empty here, and canLoad canCompare
    // canRemoveSource

    explicit QuantizationList(QObject* parent = nullptr);

    JobListModel* jobs() const { return qobject_cast<JobListModel*>(sourceModel()); }
    void setJobs(JobListModel* jobs);
    ModelListModel* models() const { return m_models; }
    void setModels(ModelListModel* models);
    int rowCountProperty() const { return rowCount(); }

    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void jobsChanged();
    void modelsChanged();
    void countChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    void tellAll();
    const ModelEntry* modelOf(const QModelIndex& index, int pathRole) const;

    ModelListModel* m_models = nullptr;
};

}  // namespace sotto::app
