#include "app/models/place_list_model.h"

#include <algorithm>

#include "app/core/model_scan.h"
#include "app/jobs/window_job.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {
namespace {

bool isIn(const QString& folder, const QString& outer) {
    return folder == outer || folder.startsWith(outer + QLatin1Char('/'));
}

}  // namespace

PlaceListModel::PlaceListModel(SettingsController& settings, JobRunner& jobs,
                               std::function<std::vector<ModelPlace>()> listPlaces, QObject* parent)
    : QAbstractListModel(parent),
      m_settings(settings),
      m_jobs(jobs),
      m_listPlaces(std::move(listPlaces)) {
    connect(&settings, &SettingsController::modelFoldersChanged, this, &PlaceListModel::offer);
}

PlaceListModel::~PlaceListModel() { stop(); }

void PlaceListModel::stop() { m_jobs.cancel(m_looking); }

void PlaceListModel::look() {
    stop();
    m_looking = startForWindow(
        m_jobs, this, shortDiskJob("look for models"),
        [listPlaces = m_listPlaces](JobContext& context) -> Result<std::vector<Place>> {
            std::vector<Place> found;
            for (const ModelPlace& place : listPlaces()) {
                const auto models =
                    scanModels({place.folder}, [&context] { return context.isCancelled(); });
                if (context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
                Place row;
                row.program = QString::fromStdString(place.program);
                row.folder = QString::fromStdString(place.folder.string());
                for (const ModelFile& model : models) {
                    ++row.nModels;
                    row.bytes += static_cast<qint64>(model.sizeBytes);
                }
                if (row.nModels > 0) found.push_back(std::move(row));
            }
            return found;
        },
        [this](Result<std::vector<Place>> found) {
            if (!found) return;
            m_found = std::move(*found);
            offer();
        });
}

void PlaceListModel::offer() {
    const QStringList added = m_settings.modelFolders();
    std::vector<Place> rows;
    std::copy_if(m_found.begin(), m_found.end(), std::back_inserter(rows), [&](const Place& place) {
        return std::none_of(added.begin(), added.end(),
                            [&place](const QString& folder) { return isIn(place.folder, folder); });
    });
    if (rows == m_rows) return;
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
    emit countChanged();
}

void PlaceListModel::add(int row) {
    if (row < 0 || row >= rowCount()) return;
    m_settings.addModelFolder(QString(m_rows[static_cast<std::size_t>(row)].folder));
}

int PlaceListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant PlaceListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Place& place = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case ProgramRole: return place.program;
        case FolderRole: return place.folder;
        case ModelCountRole: return place.nModels;
        case BytesRole: return place.bytes;
        default: return {};
    }
}

QHash<int, QByteArray> PlaceListModel::roleNames() const {
    return {{ProgramRole, "program"},
            {FolderRole, "folder"},
            {ModelCountRole, "modelCount"},
            {BytesRole, "bytes"}};
}

}  // namespace sotto::app
