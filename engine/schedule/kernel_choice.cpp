#include "engine/schedule/kernel_choice.h"

#include <fmt/format.h>

#include "engine/device/device_choice.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"

namespace sotto {

Status checkDevice(const EngineOptions& options) { return checkDeviceName(options.device); }

Result<KernelChoices> makeKernels(const EngineOptions& options, std::shared_ptr<ThreadPool> pool) {
    SOTTO_TRY(checkDevice(options));
    KernelChoices choices;
    if (options.kernels == KernelChoice::Reference) {
        choices.processor = createReferenceKernels();
        return choices;
    }
    choices.pool = pool ? std::move(pool) : std::make_shared<ThreadPool>(options.nThreads);
    CpuKernelOptions cpu;
    cpu.nThreads = options.nThreads;
    cpu.pool = choices.pool;
    choices.processor = createCpuKernels(cpu);
    if (options.device == "cpu") return choices;

    const bool isAuto = options.device == "auto";
    const std::optional<int> index = chosenCard(options.device, choices.cardNote);
    if (!index) return choices;
    CudaKernelOptions cuda;
    cuda.deviceIndex = *index;
    cuda.isAskingAhead = options.isAskingAhead;
    cuda.products = options.products;
    cuda.productMemory = options.productMemory;
    auto card = createCudaKernels(cuda);
    if (card) {
        choices.card = std::move(*card);
        choices.cardId = fmt::format("cuda:{}", *index);
    } else if (isAuto && options.products != ProductPath::Library) {
        choices.cardNote = card.error().message;
    } else {
        return fail(std::move(card.error()));
    }
    return choices;
}

std::string cardOf(const EngineOptions& options) {
    if (options.kernels == KernelChoice::Reference) return {};
    std::string note;
    const auto index = chosenCard(options.device, note);
    return index ? fmt::format("cuda:{}", *index) : std::string();
}

}  // namespace sotto
