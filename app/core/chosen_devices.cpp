#include "app/core/chosen_devices.h"

#include <algorithm>

namespace sotto::app {

ChosenDevices chooseDevices(const std::string& setting, const std::vector<DeviceInfo>& devices) {
    ChosenDevices chosen;
    const auto takeProblem = [&chosen](const DeviceInfo& device) {
        if (device.unusableReason.empty() || chosen.problem == ChosenDevices::Problem::CardUnusable)
            return;
        chosen.problem = ChosenDevices::Problem::CardUnusable;
        chosen.problemDetail = device.name + ": " + device.unusableReason;
    };
    if (const auto processor = chosenDevice("cpu", devices)) chosen.processor = *processor;
    auto device = chosenDevice(setting, devices);
    if (!device) {
        chosen.problem = ChosenDevices::Problem::CardMissing;
        for (const DeviceInfo& listed : devices)
            if (listed.id == setting) takeProblem(listed);
        device = chosenDevice("auto", devices);
    }
    if (device && device->id != "cpu") {
        chosen.card = *device;
    } else if (setting != "cpu") {
        for (const DeviceInfo& listed : devices) takeProblem(listed);
    }
    return chosen;
}

PlanSpace spaceFor(const ChosenDevices& devices, const HeldMemory& held, int nThreads) {
    PlanSpace space;
    space.nThreads = nThreads;
    space.processorBytes = devices.processor.memoryAvailable + held.processor;
    if (!devices.card) return space;
    const std::uint64_t context = held.hasCardContext ? 0 : kCardContextBytes;
    const std::uint64_t free = devices.card->memoryAvailable;
    space.cardBytes = free - std::min(free, context) + held.card;
    space.cardTotalBytes = devices.card->memoryTotal;
    return space;
}

}  // namespace sotto::app
