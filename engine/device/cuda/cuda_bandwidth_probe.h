// How fast a card reads and copies its own memory: the roof that decode on it is judged by.
//
// Flow: measureDeviceBandwidth("cuda:N") and `bench`. Reading is what decode does; copying (read
// and write counted) is what data sheets' copies show. Both kernels check what they moved. Engine
// thread, or any other while the card is idle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/api/device_info.h"
#include "engine/device/cuda/cuda_device.h"

namespace sotto::cuda {

struct CudaProbeOptions {
    // Wanted; less is taken where less is free. At 4.8 TB/s (H200) one pass of 4 launches over
    // 2 GiB takes 1.8 ms: thousands of times a launch's cost.
    std::size_t bytes = std::size_t{2} << 30;
    int nPasses = 11;
    int nLaunchesPerPass = 4;
};

// Bytes to take with `freeBytes` free and an L2 of `l2Bytes`: at most half of what is free, a
// multiple of 2 MiB. Errors: OutOfMemory where that is below 8 times the L2, which would measure
// the cache.
Result<std::size_t> probeBytes(std::size_t wanted, std::uint64_t freeBytes, std::size_t l2Bytes);

// 1e9 bytes per second from each pass' bytes and milliseconds; the median. 0 without passes.
double medianBandwidthGbS(std::uint64_t bytesPerPass, std::vector<double> milliseconds);

// Where too little memory is free the card has no figure, as a smaller buffer would measure its
// cache: readGbS and copyGbS are 0. Errors: DeviceFailed, also when the data read back are not
// those written.
Result<BandwidthMeasurement> probeCudaBandwidth(const CudaDevice& device,
                                                const CudaProbeOptions& options);

}  // namespace sotto::cuda
