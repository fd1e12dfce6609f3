// How fast a model will answer on this machine, before it is loaded or even downloaded.
//
// A decoded token reads every active weight once, and the cache of the tokens before it. So its
// time is the bytes of each tensor type over the rate at which this machine's kernels read that
// type, plus the cache's bytes over theirs. The rates are measured with small random models of one
// type each, whole layers in the real engine: norms, attention and the meeting of threads are part
// of them. They are kept beside the read bandwidth of the same minute, because a machine that is
// slower today (heat, other programs) is so for all types alike.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/evaluate.h"
#include "engine/api/model_info.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// Of matrices of one type.
struct TypeRate {
    DType type = DType::F32;
    double decodeGbS = 0;      // 1e9 bytes of weights per second, steps of one row
    double prefillTflops = 0;  // two per weight and row, 1e12 per second

    bool operator==(const TypeRate&) const = default;
};

// What one device computes per second. `readGbS` is its bandwidth when the rest was measured.
struct MachineRates {
    std::string deviceId;  // "cpu", "cuda:0"
    std::string deviceName;
    int nThreads = 0;     // as in EngineOptions
    double readGbS = 0;   // 1e9 bytes per second
    double cacheGbS = 0;  // of keys and values, by attention
    std::vector<TypeRate> types;

    const TypeRate* find(DType type) const;
    bool operator==(const MachineRates&) const = default;
};

// What is to be measured of the device that EngineOptions names.
struct RateWish {
    std::vector<DType> types;
    MachineRates known = {};  // of the same device and threads: what it has is not measured again
    // Of the device, where it was measured in this minute; 0: it is measured here, in a second.
    double readGbS = 0;
    // Few steps instead of many: half a second per type instead of two to four, for somebody who
    // waits. The figures scatter by some per cent more.
    bool isQuick = false;
};

// What `known` lacks, beside the bandwidth of now. Errors: InvalidArgument (a type no kernel
// reads), OutOfMemory, Unsupported, DeviceFailed, Cancelled.
Result<MachineRates> measureRates(const EngineOptions& engine, RateWish wish,
                                  const ProgressSink& progress);

// The rates as they are now, when the bandwidth is `readGbS`: all of them change with it.
MachineRates ratesAt(const MachineRates& rates, double readGbS);

// How many layers the random model of one type has that it is measured with: so many that what a
// step reads has left the device's largest cache before the next one reads it, or a figure would be
// the cache's. Never fewer than eight, and no more where too little memory is free. In bytes.
std::int32_t probeLayers(DType type, std::uint64_t cacheBytes, std::uint64_t freeBytes);

// Where the tokens are when they are counted.
struct ForecastPoint {
    std::int64_t depth = 0;           // tokens in the cache while decoding
    std::int64_t promptTokens = 512;  // length of a prompt that is read
};

// A speed is 0 where nothing is known that it could follow from, and of a model with types that are
// unpacked at load (ModelInfo::unpackedTypes).
struct SpeedForecast {
    double tokensPerSecond = 0;         // one chat, decoding at the depth
    double prefillTokensPerSecond = 0;  // reading the prompt, from an empty cache
    double bytesPerToken = 0;           // weights and cache
    // Types whose rate was not measured: the slowest measured one's share of the bandwidth stands
    // in for it.
    std::vector<DType> assumed;
};

// Of a model as planModel() describes it: the layers that it puts on the card at the card's rates,
// the others at the processor's. `card` may be null where no layer lies there. Pure.
SpeedForecast forecastSpeed(const ModelInfo& model, const MachineRates& processor,
                            const MachineRates* card, const ForecastPoint& point);

}  // namespace sotto
