// PlaceListModel: folders of other programs with models in them, offered until they are added:
// "LM Studio, 12 models, 48 GB".
//
// Owned by ModelController; borrows settings and jobs. Nothing is read before look(), and then on a
// worker. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <functional>
#include <vector>

#include "app/core/job_runner.h"
#include "app/core/model_places.h"

namespace sotto::app {

class SettingsController;

class PlaceListModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by ModelController")
    Q_PROPERTY(int count READ rowCountProperty NOTIFY countChanged)

public:
    enum Role { ProgramRole = Qt::UserRole + 1, FolderRole, ModelCountRole, BytesRole };
    Q_ENUM(Role)
    // role names: program folder modelCount bytes

    // Looks anew; what was found stays until that is done.
    Q_INVOKABLE void look();
    Q_INVOKABLE void stop();        // looking; what was found stays
    Q_INVOKABLE void add(int row);  // to the folders of the settings, and so no longer offered

    PlaceListModel(SettingsController& settings, JobRunner& jobs,
                   std::function<std::vector<ModelPlace>()> listPlaces, QObject* parent = nullptr);
    ~PlaceListModel() override;

    int rowCountProperty() const { return rowCount(); }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void countChanged();

private:
    struct Place {
        QString program;
        QString folder;
        int nModels = 0;
        qint64 bytes = 0;

        bool operator==(const Place&) const = default;
    };
    void offer();  // of what was found, what is not added

    SettingsController& m_settings;
    JobRunner& m_jobs;
    std::function<std::vector<ModelPlace>()> m_listPlaces;
    JobId m_looking = 0;  // the newest; 0: none yet
    std::vector<Place> m_found;
    std::vector<Place> m_rows;
};

}  // namespace sotto::app
