#include "engine/api/quantize.h"

#include "base/guarded.h"
#include "engine/quant/mix.h"
#include "engine/quantize/quantize_run.h"

namespace sotto {

std::vector<std::string> quantizeTypes() {
    std::vector<std::string> names;
    for (const MixTraits& traits : allMixes()) names.emplace_back(traits.name);
    return names;
}

Status checkKeepRule(std::string_view text) {
    SOTTO_TRY(parseKeepRule(text));
    return {};
}

Result<QuantizeReport> planQuantization(const QuantizeOptions& options, const QuantizeSink& sink) {
    return guarded([&]() -> Result<QuantizeReport> {
        SOTTO_ASSIGN(const auto run, QuantizeRun::open(options, sink));
        return run->report();
    });
}

Result<PlannedFile> planQuantizedFile(const QuantizeOptions& options, const QuantizeSink& sink) {
    return guarded([&]() -> Result<PlannedFile> {
        SOTTO_ASSIGN(const auto run, QuantizeRun::open(options, sink));
        PlannedFile planned;
        planned.report = run->report();
        SOTTO_ASSIGN(planned.header, run->headerBytes());
        return planned;
    });
}

Result<QuantizeReport> quantizeModel(const QuantizeOptions& options, const QuantizeSink& sink) {
    return guarded([&]() -> Result<QuantizeReport> {
        SOTTO_ASSIGN(const auto run, QuantizeRun::open(options, sink));
        SOTTO_TRY(run->write(sink));
        return run->report();
    });
}

}  // namespace sotto
