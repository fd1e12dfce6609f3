// How fast this machine reads and copies main memory: the roof that decode is judged by.
//
// measureBandwidth() of engine/api/device_info.h is implemented on top of these. Buffers are larger
// than any cache (256 MiB per thread where memory allows), each thread has its own, and the median
// of several passes is taken: a busy machine shows in the spread, not in the figure.
#pragma once

#include <atomic>

#include "base/result.h"
#include "engine/api/device_info.h"

namespace sotto {

// Bytes per thread and number of passes; the defaults take about a second on two cores, long enough
// to outlast the bursts of a busy machine.
struct BandwidthProbeOptions {
    int nThreads = 0;  // 0: the default, CpuInfo::defaultThreads()
    std::size_t bytesPerThread = std::size_t{256} << 20;
    int nPasses = 21;
    const std::atomic<bool>* isCancelled = nullptr;  // set by any thread to end it; null: never
};

// Errors: OutOfMemory when the buffers do not fit, Cancelled within a pass (tens of milliseconds).
Result<BandwidthMeasurement> probeBandwidth(const BandwidthProbeOptions& options);

}  // namespace sotto
