// MixPlan: what one mix would make of a source: its size, and what it takes of this computer. Read
// from the source's header; no weight is touched.
//
// Plain values and functions that read files, for a worker thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/core/jobs/quantize_jobs.h"
#include "app/core/model_forecast.h"
#include "base/result.h"

namespace sotto::app {

// Tensors that get another type than the mix wants, because of the width of their rows.
struct MixFallback {
    int nTensors = 0;
    std::string wanted, made;  // "Q4_K", "Q5_0"

    bool operator==(const MixFallback&) const = default;
};

struct MixPlan {
    std::string type;
    std::uint64_t sourceBytes = 0;  // of its tensors
    std::uint64_t fileBytes = 0;
    double bitsPerWeight = 0;
    int nTensors = 0;
    QuantizeBudget budget;    // of a target, whose `type` is only a name: "4.50 bpw"
    double expectedLoss = 0;  // of a target: mean KL by measured sensitivities, nats; 0: not known
    std::string quantizedSource;  // the type that most of the source has already; empty: none
    std::vector<MixFallback> fallbacks;
    int nUnmeasured = 0;              // tensors that the importance matrix has nothing for
    int nNotFed = 0;                  // with gptq: tensors whose type it has nothing for
    std::uint64_t feedbackBytes = 0;  // that gptq takes of the memory, at most
    // Nothing: this version cannot run the architecture, and says nothing of it.
    std::optional<ModelForecast> forecast;
    // Its tensors are as large as the source's, or another mix's: nobody would choose it.
    bool isPointless = false;
};

// `order.target` does not count. Errors: those of planQuantization(). F32, which asks nothing of an
// importance matrix, fails for what keeps every mix from being made.
Result<MixPlan> planMix(const QuantizeOrder& order, const ForecastSetting& setting,
                        const QuantizeSink& sink = {});

// Of a target: `order.budget`, or where `memoryBytes` is said the largest file that takes at most
// these once it is loaded as `setting` says. Seconds to minutes. Errors: also those of
// fileBytesForMemory(); InvalidArgument with `needed` where the budget is less than the least file.
Result<MixPlan> planTarget(QuantizeOrder order, const ForecastSetting& setting,
                           std::uint64_t memoryBytes, const QuantizeSink& sink);

}  // namespace sotto::app
