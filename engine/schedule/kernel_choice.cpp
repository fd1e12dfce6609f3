#include "engine/schedule/kernel_choice.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "engine/api/device_info.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"

namespace sotto {
namespace {

// The card's number in "cuda" or "cuda:N".
std::optional<int> cardIndex(std::string_view device) {
    if (device == "cuda") return 0;
    if (!device.starts_with("cuda:")) return std::nullopt;
    const std::string_view digits = device.substr(5);
    int index = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), index);
    if (error != std::errc() || end != digits.end() || index < 0) return std::nullopt;
    return index;
}

// The first card that can be used; without one, what stands in the way of the first.
std::optional<int> usableCard(std::string& note) {
    for (const DeviceInfo& device : listDevices()) {
        const auto index = cardIndex(device.id);
        if (!index) continue;
        if (device.unusableReason.empty()) return index;
        if (note.empty()) note = fmt::format("{}: {}", device.name, device.unusableReason);
    }
    return std::nullopt;
}

// Why there is no card at all: the runtime's own answer to an attempt.
std::string noCardReason() {
    const auto card = createCudaKernels({});
    return card ? "The graphics card cannot be used." : card.error().message;
}

}  // namespace

Status checkDevice(const EngineOptions& options) {
    if (options.device == "auto" || options.device == "cpu") return {};
    const auto index = cardIndex(options.device);
    const auto refuse = [&](std::string sentence) {
        return fail(ErrorCode::Unsupported, std::move(sentence), options.device);
    };
    if (!index)
        return refuse(fmt::format("The device '{}' is not known; choose 'auto', 'cpu' or 'cuda:N'.",
                                  options.device));
    std::string found;
    for (const DeviceInfo& device : listDevices()) {
        if (!cardIndex(device.id)) continue;
        if (cardIndex(device.id) == index) {
            if (device.unusableReason.empty()) return {};
            return refuse(device.name + " cannot be used: " + device.unusableReason);
        }
        found += (found.empty() ? "" : ", ") + device.id;
    }
    if (!found.empty())
        return refuse(
            fmt::format("There is no device 'cuda:{}'; this machine has {}.", *index, found));
    return refuse(noCardReason());
}

Result<KernelChoices> makeKernels(const EngineOptions& options) {
    SOTTO_TRY(checkDevice(options));
    KernelChoices choices;
    if (options.kernels == KernelChoice::Reference) {
        choices.processor = createReferenceKernels();
        return choices;
    }
    CpuKernelOptions cpu;
    cpu.nThreads = options.nThreads;
    choices.processor = createCpuKernels(cpu);
    if (options.device == "cpu") return choices;

    const bool isAuto = options.device == "auto";
    const std::optional<int> index =
        isAuto ? usableCard(choices.cardNote) : cardIndex(options.device);
    if (!index) return choices;
    CudaKernelOptions cuda;
    cuda.deviceIndex = *index;
    auto card = createCudaKernels(cuda);
    if (card)
        choices.card = std::move(*card);
    else if (isAuto)
        choices.cardNote = card.error().message;
    else
        return fail(std::move(card.error()));
    return choices;
}

}  // namespace sotto
