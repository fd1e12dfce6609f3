#include "app/compare/saved_comparisons.h"

#include <utility>

#include "app/bridge/error_text.h"
#include "app/chat/chat_list_model.h"
#include "app/compare/compare_controller.h"
#include "app/compare/compare_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

// "Qwen3 4B F16, Q4_K_M": of the others what tells them from the first.
std::string modelsLine(const ComparisonReport& report) {
    QStringList names;
    for (const ReportColumn& column : report.columns) {
        const bool isFirst = &column == &report.columns.front();
        names.append(isFirst ? columnName(column, ReportColumn())
                             : columnName(column, report.columns.front()));
    }
    return names.join(QStringLiteral(", ")).toStdString();
}

// Nothing of a temporary chat reaches the disk, not even how likely its words are.
std::string storedJson(ComparisonReport report) {
    if (report.text && report.text->isPrivate) {
        report.text.reset();
        for (ReportColumn& column : report.columns) column.loss.reset();
    }
    return reportJson(report);
}

// Figures that were kept stay where the page has none that may be.
std::string grownJson(ComparisonReport report, const std::string& stored) {
    const bool hasOwn = report.text && !report.text->isPrivate;
    const auto kept = readReport(stored);
    if (hasOwn || !kept || !kept->text || kept->columns.size() != report.columns.size())
        return storedJson(std::move(report));
    report.text = kept->text;
    for (std::size_t column = 0; column < kept->columns.size(); ++column)
        report.columns[column].loss = kept->columns[column].loss;
    return reportJson(report);
}

}  // namespace

SavedComparisons::SavedComparisons(const Parts& parts, QObject* parent)
    : RowModel(parent), m_parts(parts), m_format(std::make_unique<NumberFormat>()) {
    m_format->followLanguage();
    connect(&m_parts.compare, &CompareController::finished, this, &SavedComparisons::keep);
    connect(&m_parts.compare, &CompareController::grown, this, &SavedComparisons::keepGrown);
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        m_format->followLanguage();
        if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
        emit changed();
    });
}

SavedComparisons::~SavedComparisons() = default;

QString SavedComparisons::problem() const {
    if (!m_problem) return {};
    if (m_problem->code == ErrorCode::FileDamaged)
        return tr("This comparison cannot be read: it is damaged, or of a later version.");
    return errorText(*m_problem);
}

void SavedComparisons::setProblem(std::optional<Error> problem) {
    m_problem = std::move(problem);
    emit changed();
}

void SavedComparisons::refresh() {
    m_parts.storage.submit(
        this, [](storage::Database& database) { return database.comparisons().list(); },
        [this](Result<std::vector<storage::ComparisonRecord>> rows) {
            if (!rows) return setProblem(rows.error());
            // What is kept of a run stays as it is, but for its report, which is no row's.
            followRows(m_rows, std::move(*rows), &storage::ComparisonRecord::id,
                       [](int, storage::ComparisonRecord&&, Follow) {});
            emit changed();
        });
}

void SavedComparisons::keep() {
    if (m_parts.compare.isShownPrivate()) return;
    const ComparisonReport report = m_parts.compare.report();
    storage::ComparisonRecord record;
    record.createdAt = QDateTime::currentMSecsSinceEpoch();
    record.prompt = report.prompt;
    record.models = modelsLine(report);
    record.report = storedJson(report);
    m_shownRun = m_parts.compare.shownRun();
    m_shownId = 0;
    m_shownSince = record.createdAt;
    m_hasGrown = false;
    m_parts.storage.submit(
        this, [record](storage::Database& database) { return database.comparisons().save(record); },
        [this, run = m_shownRun](const Result<std::int64_t>& saved) {
            setProblem(saved ? std::nullopt : std::optional(saved.error()));
            if (!saved) return;
            if (run == m_shownRun) {
                m_shownId = *saved;
                if (m_hasGrown) keepGrown();
            }
            refresh();
        });
}

// One that was deleted meanwhile stays so, also where its id is another one's by now.
void SavedComparisons::keepGrown() {
    if (m_shownRun != m_parts.compare.shownRun()) return;
    m_hasGrown = true;
    if (m_shownId == 0) return;
    m_parts.storage.submit(
        this,
        [id = m_shownId, since = m_shownSince,
         report = m_parts.compare.report()](storage::Database& database) -> Result<std::int64_t> {
            SOTTO_ASSIGN(storage::ComparisonRecord record, database.comparisons().find(id));
            if (record.createdAt != since) return id;
            record.report = grownJson(report, record.report);
            return database.comparisons().save(record);
        },
        [this](const Result<std::int64_t>& saved) {
            if (!saved && saved.error().code != ErrorCode::NotFound) setProblem(saved.error());
        });
}

void SavedComparisons::open(int row) {
    if (row < 0 || row >= rowCount()) return;
    if (m_parts.compare.isRunning())
        return setProblem(
            Error{ErrorCode::Busy, "A comparison is under way. Stop it first.", "the comparison"});
    const std::int64_t id = m_rows[static_cast<std::size_t>(row)].id;
    m_parts.storage.submit(
        this,
        [id](storage::Database& database) -> Result<ComparisonReport> {
            SOTTO_ASSIGN(const storage::ComparisonRecord record, database.comparisons().find(id));
            return readReport(record.report);
        },
        [this, id, since = m_rows[static_cast<std::size_t>(row)].createdAt](
            const Result<ComparisonReport>& report) {
            setProblem(report ? std::nullopt : std::optional(report.error()));
            if (!report || m_parts.compare.isRunning()) return;
            m_parts.compare.showReport(*report);
            m_shownRun = m_parts.compare.shownRun();
            m_shownId = id;
            m_shownSince = since;
            emit opened();
        });
}

void SavedComparisons::remove(int row) {
    if (row < 0 || row >= rowCount()) return;
    const std::int64_t id = m_rows[static_cast<std::size_t>(row)].id;
    m_parts.storage.submit(
        this,
        [id](storage::Database& database) -> Result<storage::ComparisonRecord> {
            SOTTO_ASSIGN(storage::ComparisonRecord record, database.comparisons().find(id));
            SOTTO_TRY(database.comparisons().remove(id));
            return record;
        },
        [this, id](const Result<storage::ComparisonRecord>& removed) {
            if (!removed) return setProblem(removed.error());
            const bool isShown = id == m_shownId;
            if (isShown) m_shownId = 0;
            const auto newId = std::make_shared<std::int64_t>(0);  // the disk's, then this thread's
            UndoStack::Step step;
            step.sentence = [] { return tr("The comparison was deleted."); };
            // Anew: its id may be another one's by then.
            step.takeBack = [record = *removed,
                             newId](storage::Database& database) mutable -> Status {
                record.id = 0;
                SOTTO_ASSIGN(*newId, database.comparisons().save(record));
                return {};
            };
            step.storage = &m_parts.storage;
            step.whenTakenBack = [this, newId, isShown, run = m_shownRun] {
                if (isShown && run == m_shownRun) {
                    m_shownId = *newId;
                    keepGrown();  // what was measured meanwhile
                }
                refresh();
            };
            m_parts.undo.offerUndo(std::move(step));
            refresh();
        });
}

int SavedComparisons::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant SavedComparisons::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const storage::ComparisonRecord& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
        case ComparisonIdRole: return static_cast<double>(row.id);
        case Qt::DisplayRole:
        case PromptRole: return QString::fromStdString(row.prompt).simplified();
        case ModelsRole: return QString::fromStdString(row.models);
        case TimeTextRole: return m_format->moment(QDateTime::fromMSecsSinceEpoch(row.createdAt));
        default: return {};
    }
}

QHash<int, QByteArray> SavedComparisons::roleNames() const {
    return {{ComparisonIdRole, "comparisonId"},
            {PromptRole, "prompt"},
            {ModelsRole, "models"},
            {TimeTextRole, "timeText"}};
}

}  // namespace sotto::app
