#include "app/workshop/kept_losses.h"

#include <algorithm>

#include "app/core/compare/comparison_report.h"

namespace sotto::app {
namespace {

// The newest ones: each is read as a whole, with its answers.
constexpr std::size_t kMostReports = 100;

}  // namespace

Result<std::vector<KeptLoss>> keptLosses(storage::Database& database, const std::string& source) {
    SOTTO_ASSIGN(std::vector<storage::ComparisonRecord> rows, database.comparisons().list());
    if (rows.size() > kMostReports) rows.resize(kMostReports);
    std::vector<KeptLoss> losses;
    for (const storage::ComparisonRecord& row : rows) {
        const auto record = database.comparisons().find(row.id);
        if (!record) continue;
        const auto report = readReport(record->report);
        if (!report || report->columns.empty() || report->columns.front().path != source) continue;
        if (!report->text || report->text->source != LossSource::BuiltIn) continue;
        for (const ReportColumn& column : report->columns) {
            if (!column.loss || !column.loss->hasKl) continue;
            if (std::ranges::find(losses, column.path, &KeptLoss::path) != losses.end()) continue;
            losses.push_back({column.path, column.fileBytes, column.loss->klMean});
        }
    }
    return losses;
}

}  // namespace sotto::app
