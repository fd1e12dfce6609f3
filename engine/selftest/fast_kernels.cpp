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
        FastKernels fast;
        fast.deviceId = "cuda:" + std::to_string(*card);
        SOTTO_ASSIGN(fast.kernels, createCudaKernels(cuda));
        for (const std::int32_t tokens : tileTokens()) {
            cuda.onlyTileTokens = tokens;
            SOTTO_ASSIGN(auto variant, createCudaKernels(cuda));
            fast.variants.emplace_back(tokens, std::move(variant));
        }
        return fast;
    }
    CpuKernelOptions cpu;
    cpu.nThreads = nThreads;
    return FastKernels{.kernels = createCpuKernels(cpu), .variants = {}, .deviceId = "cpu"};
}

SelftestOptions FastKernels::selftest() const {
    SelftestOptions options;
    for (const auto& [tokens, set] : variants) options.variants.push_back({set.get(), tokens});
    return options;
}

}  // namespace sotto
