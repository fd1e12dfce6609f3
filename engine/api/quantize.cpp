#include "engine/api/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/guarded.h"
#include "engine/api/calibration_reader.h"
#include "engine/quant/mix.h"
#include "engine/quantize/quantize_run.h"

namespace sotto {
namespace {

// Of one type for all that has no rule of its own, and whose matrices stay as they are in memory,
// or are padded where rows are short: Q6_K most of all.
constexpr std::array<const char*, 7> kPureMixes{"Q8_0", "Q6_K",   "Q5_1", "Q5_0",
                                                "Q4_1", "Q4_K_S", "Q4_0"};

// What a loaded model takes beside as many bytes as its file has: the most of all types.
Result<std::uint64_t> bytesBesideFile(QuantizeOptions options, const LoadOptions& load,
                                      const PlanSpace& space) {
    options.budget = {};
    std::uint64_t most = 0;
    for (const char* const mix : kPureMixes) {
        options.type = mix;
        SOTTO_ASSIGN(const auto run, QuantizeRun::open(options, {}));
        SOTTO_ASSIGN(const std::vector<std::byte> header, run->headerBytes());
        SOTTO_ASSIGN(const PlannedModel planned,
                     planHeader(header, options.source.filename().string(), load, space));
        if (planned.shortage) return fail(*planned.shortage);
        const std::uint64_t total = planned.info.memory.total();
        most = std::max(most, total - std::min(total, run->report().fileBytes));
    }
    return most;
}

}  // namespace

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

Result<std::uint64_t> fileBytesForMemory(const QuantizeOptions& options, const LoadOptions& load,
                                         const PlanSpace& space, std::uint64_t memoryBytes) {
    return guarded([&]() -> Result<std::uint64_t> {
        SOTTO_ASSIGN(const std::uint64_t beside, bytesBesideFile(options, load, space));
        if (beside < memoryBytes) return memoryBytes - beside;
        Error error{ErrorCode::OutOfMemory,
                    fmt::format("The context and the buffers alone take {} bytes of {}: choose a "
                                "shorter context or more memory.",
                                beside, memoryBytes),
                    options.source.string()};
        error.needed = beside;
        error.available = memoryBytes;
        return fail(std::move(error));
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
        SOTTO_TRY(run->check());
        if (run->isCalibrated()) {
            const QuantizeProgress loading{.phase = QuantizeProgress::Phase::Calibrating,
                                           .totalBytes = 1};
            SOTTO_ASSIGN(auto reader, openCalibrationReader(
                                          options.source, options.calibration, options.nThreads,
                                          [&] { return !sink || sink(loading); }));
            run->calibrateBy(std::move(reader));
        }
        SOTTO_TRY(run->write(sink));
        return run->report();
    });
}

}  // namespace sotto
