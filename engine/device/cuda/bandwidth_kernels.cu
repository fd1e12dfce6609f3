// Streaming kernels: all of a card's memory bandwidth and nothing else.
//
// read:  every 32-bit word once, added up modulo 2^32 (integer addition: any order gives the same
//        sum, which is compared with the expected one). Bytes moved: the buffer's.
// copy:  the first half to the second, then the second half is read back and its sum compared.
//        Bytes moved: the buffer's (half read, half written).
// Each thread has kInFlight 16-byte loads under way before it uses the first: with 2048 threads per
// SM that is 128 KiB per SM, above bandwidth times latency per SM of every card (H200: 4.8 TB/s x
// 0.8 us / 132 = 29 KiB).
#include "engine/device/cuda/bandwidth_kernels.h"

#include <cuda_runtime.h>

namespace sotto::cuda {
namespace {

constexpr int kInFlight = 4;
constexpr unsigned kThreads = 256;
constexpr unsigned kBlocksPerSm = 8;  // 2048 threads, as many as an SM holds

// The thread's kInFlight words of 16 bytes from `first` on, a grid's width apart.
__device__ __forceinline__ void loadInFlight(uint4 (&values)[kInFlight], const uint4* data,
                                             std::size_t first, std::size_t stride,
                                             std::size_t count) {
#pragma unroll
    for (int step = 0; step < kInFlight; ++step) {
        const std::size_t index = first + step * stride;
        values[step] = index < count ? data[index] : make_uint4(0, 0, 0, 0);
    }
}

__global__ void __launch_bounds__(kThreads)
    readProbeKernel(const uint4* data, std::size_t count, std::uint32_t* sum) {
    const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
    const std::size_t start = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
    std::uint32_t own = 0;
    for (std::size_t first = start; first < count; first += kInFlight * stride) {
        uint4 values[kInFlight];
        loadInFlight(values, data, first, stride, count);
#pragma unroll
        for (int step = 0; step < kInFlight; ++step)
            own += values[step].x + values[step].y + values[step].z + values[step].w;
    }
    // One atomic per thread, 2048 per SM and launch: nothing against the loads.
    atomicAdd(sum, own);
}

__global__ void __launch_bounds__(kThreads)
    copyProbeKernel(const uint4* from, uint4* to, std::size_t count) {
    const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
    const std::size_t start = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
    for (std::size_t first = start; first < count; first += kInFlight * stride) {
        uint4 values[kInFlight];
        loadInFlight(values, from, first, stride, count);
#pragma unroll
        for (int step = 0; step < kInFlight; ++step) {
            const std::size_t index = first + step * stride;
            if (index < count) to[index] = values[step];
        }
    }
}

// The launch helper of kernels/cuda is above this layer; these two need no more than this.
template <typename... Parameters, typename... Arguments>
void launchProbe(void (*kernel)(Parameters...), int nSms, cudaStream_t stream,
                 Arguments... arguments) {
    const dim3 grid(static_cast<unsigned>(nSms) * kBlocksPerSm);
#ifdef __CUDACC__
    kernel<<<grid, kThreads, 0, stream>>>(arguments...);
#else
    // The error stays with the runtime, as with <<<>>>.
    static_cast<void>(simt::launchKernel(kernel, {grid, dim3(kThreads), 0, stream}, arguments...));
#endif
}

}  // namespace

void launchReadProbe(const BandwidthProbeArgs& args, std::uint32_t* sum, cudaStream_t stream) {
    launchProbe(readProbeKernel, args.nSms, stream, reinterpret_cast<const uint4*>(args.from),
                args.bytes / sizeof(uint4), sum);
}

void launchCopyProbe(const BandwidthProbeArgs& args, std::byte* to, cudaStream_t stream) {
    launchProbe(copyProbeKernel, args.nSms, stream, reinterpret_cast<const uint4*>(args.from),
                reinterpret_cast<uint4*>(to), args.bytes / sizeof(uint4));
}

}  // namespace sotto::cuda
