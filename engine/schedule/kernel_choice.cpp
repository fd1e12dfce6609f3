#include "engine/schedule/kernel_choice.h"

#include <fmt/format.h>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"

namespace sotto {

Status checkDevice(const EngineOptions& options) {
    if (options.device == "auto" || options.device == "cpu") return {};
    if (options.device.starts_with("cuda"))
        return fail(ErrorCode::Unsupported,
                    "This build has no CUDA engine yet; choose the device 'cpu' or 'auto'.",
                    options.device);
    return fail(
        ErrorCode::Unsupported,
        fmt::format("The device '{}' is not known; choose 'auto' or 'cpu'.", options.device),
        options.device);
}

Result<std::unique_ptr<KernelSet>> makeKernels(const EngineOptions& options) {
    SOTTO_TRY(checkDevice(options));
    if (options.kernels == KernelChoice::Reference) return createReferenceKernels();
    CpuKernelOptions cpu;
    cpu.nThreads = options.nThreads;
    return createCpuKernels(cpu);
}

}  // namespace sotto
