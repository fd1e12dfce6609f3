// The two kernels of cuda_bandwidth_probe: every byte read once, every byte copied once.
//
// Launch functions; launch errors are left with the runtime (checkLaunches). Device pointers,
// aligned to 16 bytes.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace sotto::cuda {

struct BandwidthProbeArgs {
    const std::byte* from = nullptr;
    std::size_t bytes = 0;  // a multiple of 16
    int nSms = 1;
};

// Adds all 32-bit words to *sum, modulo 2^32.
void launchReadProbe(const BandwidthProbeArgs& args, std::uint32_t* sum, cudaStream_t stream);
void launchCopyProbe(const BandwidthProbeArgs& args, std::byte* to, cudaStream_t stream);

}  // namespace sotto::cuda
