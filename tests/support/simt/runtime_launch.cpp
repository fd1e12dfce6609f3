// Kernel launches: the checks that the driver makes, then the blocks.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "simt/launch.h"
#include "tests/support/simt/block_runner.h"
#include "tests/support/simt/runtime_state.h"

namespace simt {

namespace {

// Limits of every capability that the engine supports (CUDA C++ Programming Guide, "Technical
// Specifications per Compute Capability").
constexpr unsigned kMaxThreads = 1024;
constexpr unsigned kMaxBlockDepth = 64;
constexpr unsigned kMaxGridX = 0x7fffffffu;
constexpr unsigned kMaxGridYz = 65535;
constexpr std::size_t kSharedWithoutOptIn = 48 * 1024;

cudaError_t checkShape(State& s, const void* kernel, const LaunchShape& shape) {
    const dim3& grid = shape.grid;
    const dim3& block = shape.block;
    const std::uint64_t nThreads = std::uint64_t{block.x} * block.y * block.z;
    if (nThreads == 0 || nThreads > kMaxThreads || block.z > kMaxBlockDepth)
        return cudaErrorInvalidConfiguration;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > kMaxGridX || grid.y > kMaxGridYz ||
        grid.z > kMaxGridYz)
        return cudaErrorInvalidConfiguration;
    const auto optIn = s.sharedOptIns.find(kernel);
    const std::size_t limit = optIn == s.sharedOptIns.end()
                                  ? kSharedWithoutOptIn
                                  : std::max(optIn->second, kSharedWithoutOptIn);
    if (shape.sharedBytes > limit) return cudaErrorInvalidValue;
    const DeviceSettings& device = s.devices[static_cast<std::size_t>(currentDevice(s))];
    if (shape.isProgrammatic && device.major < 9) return cudaErrorNotSupported;
    return cudaSuccess;
}

void runKernel(const LaunchShape& shape, const std::function<void()>& thread) {
    State& s = state();
    if (s.stickyError != cudaSuccess) return;
    ++s.kernelsRun;
    const KernelRun kernel{shape.grid,  shape.block, shape.sharedBytes, shape.isProgrammatic,
                           shape.where, &thread,     s.orderSeed};
    const std::optional<std::string> report = blockRunner().run(kernel);
    if (!report) return;
    if (!s.reportHandler) {
        std::fprintf(stderr, "simt: %s\n", report->c_str());
        std::abort();
    }
    s.stickyError = cudaErrorLaunchFailure;
    s.reportHandler(*report);
}

}  // namespace

cudaError_t launch(const void* kernel, const LaunchShape& shape, std::function<void()> thread) {
    return apiCall("cudaLaunchKernel", [&](State& s) {
        const auto stream = findStream(s, shape.stream);
        if (!stream) return cudaErrorInvalidResourceHandle;
        const cudaError_t wrong = checkShape(s, kernel, shape);
        if (wrong != cudaSuccess) return wrong;
        return enqueue(s, stream, [shape, thread] { runKernel(shape, thread); });
    });
}

}  // namespace simt

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
    return simt::apiCall("cudaFuncSetAttribute", [&](simt::State& s) {
        if (function == nullptr) return cudaErrorInvalidDeviceFunction;
        if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
        const auto& device = s.devices[static_cast<std::size_t>(simt::currentDevice(s))];
        if (value < 0 || static_cast<std::size_t>(value) > device.sharedBytesOptin)
            return cudaErrorInvalidValue;
        s.sharedOptIns[function] = static_cast<std::size_t>(value);
        return cudaSuccess;
    });
}
