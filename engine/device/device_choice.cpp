#include "engine/device/device_choice.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/api/device_info.h"
#include "engine/device/cuda/cuda_devices.h"

namespace sotto {
namespace {

std::optional<int> usableCard(std::span<const DeviceInfo> devices, std::string& note) {
    for (const DeviceInfo& device : devices) {
        const auto index = cudaIndex(device.id);
        if (!index) continue;
        if (device.unusableReason.empty()) return index;
        if (note.empty()) note = fmt::format("{}: {}", device.name, device.unusableReason);
    }
    return std::nullopt;
}

}  // namespace

std::optional<int> cudaIndex(std::string_view device) {
    if (device == "cuda") return 0;
    if (!device.starts_with("cuda:")) return std::nullopt;
    const std::string_view digits = device.substr(5);
    int index = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), index);
    if (error != std::errc() || end != digits.end() || index < 0) return std::nullopt;
    return index;
}

std::optional<int> chosenCard(std::string_view device, std::string& note) {
    return device == "auto" ? usableCard(listDevices(), note) : cudaIndex(device);
}

std::optional<DeviceInfo> chosenDevice(std::string_view name) {
    return chosenDevice(name, listDevices());
}

std::optional<DeviceInfo> chosenDevice(std::string_view name, std::span<const DeviceInfo> devices) {
    std::string note;
    const auto card = name == "auto" ? usableCard(devices, note) : cudaIndex(name);
    if (!card && name != "auto" && name != "cpu") return std::nullopt;
    for (const DeviceInfo& device : devices)
        if (cudaIndex(device.id) == card && device.unusableReason.empty()) return device;
    return std::nullopt;
}

Status checkDeviceName(const std::string& device) {
    if (device == "auto" || device == "cpu") return {};
    const auto refuse = [&](std::string sentence) {
        return fail(ErrorCode::Unsupported, std::move(sentence), device);
    };
    const auto index = cudaIndex(device);
    if (!index)
        return refuse(
            fmt::format("The device '{}' is not known; choose 'auto', 'cpu' or 'cuda:N'.", device));
    std::string found;
    for (const DeviceInfo& listed : listDevices()) {
        if (!cudaIndex(listed.id)) continue;
        if (cudaIndex(listed.id) == index) {
            if (listed.unusableReason.empty()) return {};
            return refuse(listed.name + " cannot be used: " + listed.unusableReason);
        }
        found += (found.empty() ? "" : ", ") + listed.id;
    }
    if (!found.empty())
        return refuse(
            fmt::format("There is no device 'cuda:{}'; this machine has {}.", *index, found));
    const Status cuda = checkCuda();
    const std::string reason = cuda ? "No graphics card was found." : cuda.error().message;
    return refuse(fmt::format("The device '{}' cannot be used. {}", device, reason));
}

}  // namespace sotto
