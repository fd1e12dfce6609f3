#include "app/models/twin_list_model.h"

#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/core/model_twins.h"
#include "app/jobs/window_job.h"
#include "app/models/model_list_model.h"
#include "app/models/model_removal.h"
#include "app/system/number_format.h"
#include "engine/api/inspect.h"

namespace sotto::app {
namespace {

// As often as a person sees a bar move.
constexpr int kProgressMs = 200;

std::vector<std::optional<FileIdentity>> identitiesOf(const QString& model) {
    std::vector<std::optional<FileIdentity>> parts;
    for (const auto& file : modelFiles(model.toStdString())) parts.push_back(identityOf(file));
    return parts;
}

}  // namespace

TwinListModel::TwinListModel(Parts parts, QObject* parent)
    : QAbstractListModel(parent),
      m_parts(std::move(parts)),
      m_format(std::make_unique<NumberFormat>()) {
    m_watch.setInterval(kProgressMs);
    connect(&m_watch, &QTimer::timeout, this, &TwinListModel::lookAtProgress);
    connect(&m_language, &LanguageWatch::changed, this, &TwinListModel::followLanguage);
    followLanguage();
}

TwinListModel::~TwinListModel() { m_parts.jobs.cancel(m_searching); }

void TwinListModel::followLanguage() {
    m_format->followLanguage();
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
    emit changed();
}

void TwinListModel::search() {
    if (m_state == Searching) return;
    std::vector<Row> models;
    for (const ModelEntry& entry : m_parts.models.entries())
        if (!entry.isDemo)
            models.push_back({.name = entry.name,
                              .path = entry.path,
                              .quantization = entry.quantization,
                              .program = {}});
    JobSpec spec;
    spec.lane = JobLane::Disk;
    spec.kind = "find duplicates";
    spec.isShown = true;
    m_error.reset();
    m_progress = {};
    show({});
    m_searching = startForWindow(
        m_parts.jobs, this, spec,
        [models = std::move(models), listPlaces = m_parts.listPlaces,
         cache =
             m_parts.cacheFolder.toStdString()](JobContext& context) -> Result<std::vector<Row>> {
            std::vector<std::vector<std::filesystem::path>> files;
            for (const Row& model : models) files.push_back(modelFiles(model.path.toStdString()));
            HashStore known(cache.empty() ? std::filesystem::path() : HashStore::pathIn(cache));
            SOTTO_ASSIGN(const std::vector<ModelTwins> found, findTwins(files, known, context));
            const auto places = listPlaces ? listPlaces() : std::vector<ModelPlace>();
            std::vector<Row> rows;
            for (int group = 0; group < static_cast<int>(found.size()); ++group) {
                const ModelTwins& twins = found[static_cast<std::size_t>(group)];
                for (const std::size_t model : twins.models) {
                    Row row = models[model];
                    row.group = group;
                    row.bytes = static_cast<qint64>(twins.nBytes);
                    row.program = programOf(row.path, places);
                    row.parts = identitiesOf(row.path);
                    rows.push_back(std::move(row));
                }
            }
            return rows;
        },
        [this](const Result<std::vector<Row>>& rows) { take(rows); });
    m_state = Searching;
    m_watch.start();
    emit changed();
    emit progressed();
}

void TwinListModel::stop() {
    if (m_state == Searching) m_parts.jobs.cancel(m_searching);
}

void TwinListModel::take(const Result<std::vector<Row>>& rows) {
    m_watch.stop();
    if (!rows) {
        const bool isStopped = rows.error().code == ErrorCode::Cancelled;
        if (!isStopped) m_error = rows.error();
        m_state = isStopped ? Idle : Failed;
        emit changed();
        return;
    }
    m_state = rows->empty() ? None : Found;
    show(*rows);
}

void TwinListModel::show(std::vector<Row> rows) {
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
    emit changed();
}

void TwinListModel::confirm(const QString& path) {
    const auto row = std::ranges::find(m_rows, path, &Row::path);
    if (row == m_rows.end()) return search();
    startForWindow(
        m_parts.jobs, this, shortDiskJob("look at a duplicate"),
        [path, parts = row->parts](JobContext&) -> Result<bool> {
            return parts == identitiesOf(path);
        },
        [this, path](const Result<bool>& isAsFound) {
            if (isAsFound && *isAsFound)
                emit confirmed(path);
            else
                search();
        });
}

void TwinListModel::forget(const QString& path) {
    std::vector<Row> rows = m_rows;
    std::erase_if(rows, [&path](const Row& row) { return row.path == path; });
    if (rows.size() == m_rows.size()) return;
    // What is left alone is no duplicate any more.
    const std::vector<Row> left = rows;
    std::erase_if(rows, [&left](const Row& row) {
        return std::ranges::count(left, row.group, &Row::group) < 2;
    });
    if (m_state == Found && rows.empty()) m_state = None;
    show(std::move(rows));
}

void TwinListModel::lookAtProgress() {
    if (const auto job = m_parts.jobs.job(m_searching)) m_progress = job->progress;
    emit progressed();
}

double TwinListModel::share() const { return std::max(0.0, shareOf(m_progress)); }

int TwinListModel::sizeOf(int group) const {
    return static_cast<int>(std::ranges::count(m_rows, group, &Row::group));
}

bool TwinListModel::isFirst(int row) const {
    const auto at = static_cast<std::size_t>(row);
    return row == 0 || m_rows[at].group != m_rows[at - 1].group;
}

double TwinListModel::freedBytes() const {
    double nBytes = 0;
    for (int row = 0; row < rowCount(); ++row)
        if (!isFirst(row))
            nBytes += static_cast<double>(m_rows[static_cast<std::size_t>(row)].bytes);
    return nBytes;
}

QString TwinListModel::problem() const { return m_error ? errorText(*m_error) : QString(); }

QString TwinListModel::groupText(const Row& row) const {
    const int nFiles = sizeOf(row.group);
    const QString each = m_format->fileSize(static_cast<double>(row.bytes));
    const QString freed =
        m_format->fileSize(static_cast<double>(row.bytes) * static_cast<double>(nFiles - 1));
    return tr("%n file(s) of %1, %2 can become free", nullptr, nFiles).arg(each, freed);
}

int TwinListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant TwinListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case NameRole: return row.name;
        case PathRole: return row.path;
        case QuantizationRole: return row.quantization;
        case ProgramRole: return row.program;
        case IsFirstRole: return isFirst(index.row());
        case GroupTextRole: return groupText(row);
        case SpokenTextRole:
            return QStringList{row.name, row.quantization, row.path, groupText(row)}.join(
                QStringLiteral(", "));
        default: return {};
    }
}

QHash<int, QByteArray> TwinListModel::roleNames() const {
    return {{NameRole, "name"},
            {PathRole, "path"},
            {QuantizationRole, "quantization"},
            {ProgramRole, "program"},
            {IsFirstRole, "isFirst"},
            {GroupTextRole, "groupText"},
            {SpokenTextRole, "spokenText"}};
}

}  // namespace sotto::app
