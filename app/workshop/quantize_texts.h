// QuantizeTexts: what the quantize dialog says of plans, places and files that were made, in the
// language that is set: plain functions. GUI thread only.
#pragma once

#include <QString>
#include <optional>

#include "app/core/jobs/quantize_jobs.h"
#include "app/workshop/mix_plan.h"
#include "app/workshop/quantize_target.h"

namespace sotto::app {

class NumberFormat;

// Of a file among the importance matrices that are offered; `folder`: importanceFolder().
QString importanceTitle(const QString& path, const QString& folder);
// Of one that is still to be measured on a file; empty: on the built-in text.
QString measuredTitle(const QString& text);
// What one should know before it starts; empty: nothing.
QString planWarning(const MixPlan& plan);
// Why this importance matrix cannot be used.
QString importanceProblem(const Error& error, const QString& file, const NumberFormat& format);
// Why a file of this name cannot be made there; empty: it can, as far as is known. `plan`: what it
// will be, or null.
QString targetProblem(const QString& name, const std::optional<TargetLook>& look,
                      const MixPlan* plan, const NumberFormat& format);
// "Qwen3 8B Q4_K_M is ready, 5.03 GB."
QString madeTextOf(const QuantizeOutcome& made, const NumberFormat& format);
// How it was made: method, text, importance matrix. As the file itself says it, too.
QString madeNoteOf(const QuantizeOutcome& made);

}  // namespace sotto::app
