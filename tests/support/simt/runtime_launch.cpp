// Kernel launches: the checks that the driver makes, then the blocks.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "simt/launch.h"
#include "tests/support/simt/address_space.h"
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
// Of dynamic shared memory; launch.h has the same.
constexpr std::size_t kSharedWithoutOptIn = 48 * 1024 - kStaticBesideDynamic;

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
    if (shape.isProgrammatic && device.major < kOverlapMajor) return cudaErrorNotSupported;
    return cudaSuccess;
}

void reportWrongKernel(State& s, const std::string& report) {
    if (!s.reportHandler) {
        std::fprintf(stderr, "simt: %s\n", report.c_str());
        std::abort();
    }
    s.stickyErrors[currentDevice(s)] = cudaErrorLaunchFailure;
    s.reportHandler(report);
}

// A word that is an address of this process, but not of memory that a device can read.
bool isHostPointer(State& s, std::uintptr_t word) {
    // Below: null, small numbers, pairs of small numbers. Programs and their heaps lie above.
    constexpr std::uintptr_t kLowest = std::uintptr_t{1} << 40;
    if (word < kLowest || findAllocation(s, reinterpret_cast<const void*>(word), 0) != nullptr)
        return false;
    return isMapped(word);
}

// Kernels in front of one that wait for none of them would be the limit on a card; more than this
// many are ahead of a wait seldom.
constexpr std::size_t kMaxAhead = 3;

void noteSharedMemory(State& s, const KernelRun& run, std::size_t staticBytes) {
    SharedMemoryUse& use = s.sharedUse[run.kernel];
    if (use.launcher.empty()) use.launcher = run.where.function_name();
    use.dynamicBytes = std::max(use.dynamicBytes, run.sharedBytes);
    use.staticBytes = std::max(use.staticBytes, staticBytes);
}

bool hasRun(const std::vector<StreamPoint>& points) {
    return std::all_of(points.begin(), points.end(), [](const StreamPoint& point) {
        return point.stream->nRun >= point.sequence;
    });
}

}  // namespace

// A kernel's blocks may begin when those of the kernel in front have all let it in, so a second one
// is begun behind a first whose parked blocks did so before they waited.
void beginAhead(State& s, std::deque<Operation>& operations) {
    for (std::size_t ahead = 0; ahead < std::min(kMaxAhead, operations.size()); ++ahead) {
        Operation& next = operations[ahead];
        if (stickyError(s) != cudaSuccess || next.kernel == nullptr ||
            !next.kernel->isProgrammatic || !hasRun(next.after))
            return;
        if (next.begun == nullptr) {
            next.begun = std::make_shared<BegunKernel>(next.kernel, s.blocks, s.orderSeed);
            const std::optional<std::string> report = next.begun->runToWait();
            if (report) reportWrongKernel(s, *report);
        }
        if (!next.begun->hasTriggered()) return;
    }
}

void runKernel(State& s, Operation& operation) {
    if (stickyError(s) != cudaSuccess) return;
    ++s.kernelsRun;
    if (operation.begun == nullptr)
        operation.begun = std::make_shared<BegunKernel>(operation.kernel, s.blocks, s.orderSeed);
    const std::optional<std::string> report = operation.begun->runToEnd();
    if (report) reportWrongKernel(s, *report);
    noteSharedMemory(s, *operation.kernel, operation.begun->staticSharedBytes());
}

cudaError_t launch(const void* kernel, const LaunchShape& shape, std::function<void()> thread,
                   std::span<const std::uintptr_t> arguments) {
    return apiCall("cudaLaunchKernel", [&](State& s) {
        const auto stream = findStream(s, shape.stream);
        if (!stream) return cudaErrorInvalidResourceHandle;
        if (stream != s.nullStream && stream->device != currentDevice(s))
            return cudaErrorInvalidResourceHandle;
        const cudaError_t wrong = checkShape(s, kernel, shape);
        if (wrong != cudaSuccess) return wrong;
        if (shape.isProgrammatic && stream->last == OperationKind::Other) {
            reportWrongKernel(s, fmt::format("programmatic launch behind a copy or an event, at "
                                             "{}:{} ({})",
                                             shape.where.file_name(), shape.where.line(),
                                             shape.where.function_name()));
            return cudaErrorLaunchFailure;
        }
        for (std::size_t at = 0; s.isCheckingPointers && at < arguments.size(); ++at) {
            if (!isHostPointer(s, arguments[at])) continue;
            reportWrongKernel(
                s, fmt::format("word {} of the arguments, {:#x}, points to memory of the program; "
                               "launched at {}:{} ({})",
                               at, arguments[at], shape.where.file_name(), shape.where.line(),
                               shape.where.function_name()));
            return cudaErrorLaunchFailure;
        }
        return enqueueKernel(s, stream,
                             std::make_shared<const KernelRun>(
                                 KernelRun{kernel, shape.grid, shape.block, shape.sharedBytes,
                                           shape.isProgrammatic, shape.where, std::move(thread)}));
    });
}

}  // namespace simt

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
    return simt::apiCall("cudaFuncSetAttribute", [&](simt::State& s) {
        if (function == nullptr) return cudaErrorInvalidDeviceFunction;
        if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
        const auto& device = s.devices[static_cast<std::size_t>(simt::currentDevice(s))];
        if (value < 0 ||
            static_cast<std::size_t>(value) + simt::kStaticBesideDynamic > device.sharedBytesOptin)
            return cudaErrorInvalidValue;
        s.sharedOptIns[function] = static_cast<std::size_t>(value);
        return cudaSuccess;
    });
}
