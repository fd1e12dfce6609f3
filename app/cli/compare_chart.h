// The table of a comparison as a picture: a row for each model, bars of its size beside what it
// loses, how much it answers right and how fast it writes. SVG 1.1, without scripts or references.
#pragma once

#include <string>

#include "app/cli/compare_report.h"

namespace sotto::cli {

// Of at least one model. Names are shown as terminalText() makes them, so that the picture is valid
// XML whatever a file is called.
std::string comparisonChart(const ComparisonReport& report);

}  // namespace sotto::cli
