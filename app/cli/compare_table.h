// The table of a comparison as a file: Markdown for people, CSV for spreadsheets, SVG to look at.
#pragma once

#include <filesystem>
#include <string>

#include "app/cli/compare_report.h"

namespace sotto::cli {

// By the name's end: ".csv", ".svg" (compare_chart.h), else Markdown. Cells that are not known are
// empty, in Markdown "–".
std::string comparisonTable(const ComparisonReport& report, const std::filesystem::path& name);

}  // namespace sotto::cli
