// How fast this machine reads and copies main memory: the roof that decode is judged by.
//
// measureBandwidth() and measureDeviceBandwidth() of engine/api/device_info.h are implemented here.
// It stands beside the kernels because it must ask for memory as well as they do, or they would
// exceed it: with the widest loads of this machine (kernel_table.h, readMemory), in several streams
// per thread, from huge pages where the system has them. The buffer is several times as large as
// the last-level cache and walked round, so that what is read has left every cache. Of many short
// passes with different counts of streams the best one counts: a busy machine makes passes slower,
// never faster.
#pragma once

#include <atomic>

#include "base/result.h"
#include "engine/api/device_info.h"

namespace sotto {

// The defaults take about a second on two cores.
struct BandwidthProbeOptions {
    int nThreads = 0;  // 0: the default, CpuInfo::defaultThreads()
    // Of the buffer; 0: 256 MiB per thread, and three last-level caches at least. A quarter of the
    // memory that is free at most.
    std::size_t bytes = 0;
    int nPasses = 24;  // of reading, each about 20 ms; half as many of copying
    // Set by any thread to end it; null: never. Looked at before every piece of 2 MiB, also while
    // the buffer is filled: the probe ends a millisecond or two later.
    const std::atomic<bool>* isCancelled = nullptr;
};

// Errors: OutOfMemory when the buffer does not fit, Cancelled.
Result<BandwidthMeasurement> probeBandwidth(const BandwidthProbeOptions& options);

}  // namespace sotto
