// How fast this machine reads and copies main memory: the roof that decode is judged by.
//
// measureBandwidth() and measureDeviceBandwidth() of engine/api/device_info.h are implemented here.
// It stands beside the kernels because it must ask for memory as well as they do, or they would
// exceed it: with the widest loads of this machine (kernel_table.h, readMemory), in several streams
// per thread, from huge pages where the system has them. The buffer is several times as large as
// the last-level cache and walked round, so that what is read has left every cache; where too
// little memory is free for that there is no figure, rather than a cache's. Of many short passes
// with different counts of streams the best one counts: a busy machine makes passes slower, never
// faster.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "engine/api/device_info.h"

namespace sotto {

// The defaults take about a second on two cores.
struct BandwidthProbeOptions {
    int nThreads = 0;  // 0: the default, CpuInfo::defaultThreads()
    // Of the buffer, whatever is free; 0: probeBytes().
    std::size_t bytes = 0;
    std::optional<std::uint64_t> availableBytes;  // of memory; unset: as the system says
    int nPasses = 24;  // of reading, each about 20 ms; half as many of copying
    // Set by any thread to end it; null: never. Looked at before every piece of 2 MiB, also while
    // the buffer is filled: the probe ends a millisecond or two later.
    const std::atomic<bool>* isCancelled = nullptr;
};

// 256 MiB per thread and three last-level caches at least, as long as that is a quarter of the free
// memory at most: measuring must not push anything out of it. Else what is a quarter or, if need
// be, half of it, down to two caches. 0: there is no room for as much.
std::size_t probeBytes(int nThreads, std::size_t lastLevelCacheBytes, std::uint64_t availableBytes);

// Errors: OutOfMemory when the buffer does not fit, Cancelled.
Result<BandwidthMeasurement> probeBandwidth(const BandwidthProbeOptions& options);

}  // namespace sotto
