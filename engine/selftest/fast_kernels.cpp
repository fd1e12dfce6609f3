#include "engine/selftest/fast_kernels.h"

#include "engine/device/device_choice.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"

namespace sotto {

Result<FastKernels> createFastKernels(const std::string& device, int nThreads) {
    SOTTO_TRY(checkDeviceName(device));
    std::string note;
    if (const auto card = chosenCard(device, note)) {
        CudaKernelOptions cuda;
        cuda.deviceIndex = *card;
        FastKernels fast{nullptr, "cuda:" + std::to_string(*card)};
        SOTTO_ASSIGN(fast.kernels, createCudaKernels(cuda));
        return fast;
    }
    CpuKernelOptions cpu;
    cpu.nThreads = nThreads;
    return FastKernels{createCpuKernels(cpu), "cpu"};
}

}  // namespace sotto
