#include "app/workshop/kept_losses.h"

#include <algorithm>
#include <utility>

#include "app/core/compare/comparison_report.h"

namespace sotto::app {
namespace {

// The newest ones: each is read as a whole, with its answers.
constexpr std::size_t kMostReports = 100;

}  // namespace

Result<std::vector<std::string>> keptReports(storage::Database& database) {
    SOTTO_ASSIGN(std::vector<storage::ComparisonRecord> rows, database.comparisons().list());
    if (rows.size() > kMostReports) rows.resize(kMostReports);
    std::vector<std::string> reports;
    for (const storage::ComparisonRecord& row : rows)
        if (auto record = database.comparisons().find(row.id))
            reports.push_back(std::move(record->report));
    return reports;
}

std::vector<KeptLoss> keptLosses(const std::vector<std::string>& reports,
                                 const std::string& source) {
    std::vector<KeptLoss> losses;
    for (const std::string& text : reports) {
        const auto report = readReport(text);
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
