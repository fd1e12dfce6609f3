// ComparisonReport: a run of the Compare page as it is kept, opened again and exported.
//
// Plain values; JSON and Markdown by pure functions. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/core/compare/forced_reading.h"
#include "app/core/compare/live_comparison.h"
#include "app/core/compare/text_losses.h"
#include "base/result.h"

namespace sotto::app {

struct ReportColumn {
    std::string name;          // as the list of models shows it
    std::string quantization;  // "Q4_K_M"
    std::string path;
    std::uint64_t fileBytes = 0;
    std::uint64_t memoryBytes = 0;  // weights, KV cache and scratch, on all devices
    bool isOnCard = false;          // all of it
    double bitsPerWeight = 0;
    ComparedColumn result;  // of its ModelInfo only what tells vocabularies apart is kept
    std::optional<ForcedReading> forced;    // of the reference's answer, once that was asked for
    std::optional<TextComparisonRow> loss;  // on the report's text, once it was measured
};

struct ComparisonReport {
    std::string prompt;
    bool isGreedy = true;
    double temperature = 0;
    std::uint64_t seed = 0;
    std::int64_t maxTokens = 0;
    std::vector<ReportColumn> columns;  // the first is the reference
    std::optional<LossText> text;       // that losses were measured on
};

// Takes what a load told into the column.
void takeModel(ReportColumn& column, const ModelInfo& info);

inline constexpr int kReportFormat = 1;
std::string reportJson(const ComparisonReport& report);
// Errors: FileDamaged (no report, or one of a later program).
Result<ComparisonReport> readReport(std::string_view json);
// Prompt, a table of figures, one of losses where they were measured, each answer with where it
// parts from the reference.
std::string reportMarkdown(const ComparisonReport& report);

}  // namespace sotto::app
