#include "engine/device/cuda/nvml.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/device/process_id.h"

namespace sotto::cuda {
namespace {

#ifdef _WIN32
constexpr const char* kLibraryName = "nvml.dll";
#else
constexpr const char* kLibraryName = "libnvidia-ml.so.1";  // the driver's; .so is a developer's
#endif

NvmlApi loadNvml(const DynamicLibrary& library) {
    NvmlApi api;
    library.load("nvmlInit_v2", api.init);
    library.load("nvmlShutdown", api.shutdown);
    library.load("nvmlSystemGetDriverVersion", api.driverVersion);
    library.load("nvmlDeviceGetHandleByPciBusId_v2", api.handleByPciBusId);
    library.load("nvmlDeviceGetMemoryInfo", api.memoryInfo);
    library.load("nvmlDeviceGetComputeRunningProcesses_v3", api.computeProcesses);
    library.load("nvmlDeviceGetGraphicsRunningProcesses_v3", api.graphicsProcesses);
    library.load("nvmlDeviceGetClockInfo", api.clockInfo);
    library.load("nvmlDeviceGetMaxClockInfo", api.maxClockInfo);
    library.load("nvmlDeviceGetPowerUsage", api.powerUsage);
    library.load("nvmlDeviceGetEnforcedPowerLimit", api.powerLimit);
    library.load("nvmlDeviceGetTemperature", api.temperature);
    library.load("nvmlDeviceGetUtilizationRates", api.utilization);
    library.load("nvmlDeviceGetCurrentClocksThrottleReasons", api.throttleReasons);
    library.load("nvmlDeviceGetCurrPcieLinkGeneration", api.pcieGeneration);
    library.load("nvmlDeviceGetCurrPcieLinkWidth", api.pcieWidth);
    library.load("nvmlDeviceGetPcieThroughput", api.pcieThroughput);
    library.load("nvmlDeviceGetMemoryBusWidth", api.busWidth);
    return api;
}

// One value, absent when the function is missing or the card does not support it.
template <typename Value, typename Function, typename... Arguments>
std::optional<Value> ask(Function* function, Arguments... arguments) {
    Value value{};
    if (function == nullptr || function(arguments..., &value) != kNvmlSuccess) return std::nullopt;
    return value;
}

using ListProcesses = int (*)(NvmlDeviceHandle, unsigned*, NvmlProcess*);

// Bytes of this process in one of the driver's two lists; absent when it is not in it.
std::optional<std::uint64_t> ownedIn(ListProcesses list, NvmlDeviceHandle device) {
    if (list == nullptr) return std::nullopt;
    // Other programs may start between the question for the number and that for the list.
    std::vector<NvmlProcess> processes(64);
    unsigned count = 0;
    for (int attempt = 0; attempt < 3; ++attempt) {
        count = static_cast<unsigned>(processes.size());
        const int result = list(device, &count, processes.data());
        if (result == kNvmlSuccess) break;
        if (result != kNvmlInsufficientSize) return std::nullopt;
        processes.resize(std::size_t{count} + 64);
        count = 0;
    }
    const std::uint32_t ownPid = processId();
    std::optional<std::uint64_t> owned;
    for (std::size_t index = 0; index < count && index < processes.size(); ++index) {
        const NvmlProcess& process = processes[index];
        if (process.pid != ownPid || process.usedGpuMemory == kNvmlUnknownMemory) continue;
        owned = owned.value_or(0) + process.usedGpuMemory;
    }
    return owned;
}

}  // namespace

std::vector<ThrottleReason> throttleReasonsOf(unsigned long long bits) {
    constexpr auto kHeat = kThrottleSoftwareThermal | kThrottleHardwareThermal;
    std::vector<ThrottleReason> reasons;
    const auto addWhere = [&](unsigned long long mask, ThrottleReason reason) {
        if ((bits & mask) != 0) reasons.push_back(reason);
    };
    addWhere(kHeat, ThrottleReason::Heat);
    addWhere(kThrottlePowerCap, ThrottleReason::Power);
    addWhere(kThrottlePowerBrake, ThrottleReason::PowerBrake);
    // This bit accompanies the two that name their cause; alone it says only that there is one.
    if ((bits & (kThrottleHardwareThermal | kThrottlePowerBrake)) == 0)
        addWhere(kThrottleHardware, ThrottleReason::Hardware);
    addWhere(kThrottleUserClocks | kThrottleDisplayClocks, ThrottleReason::Limited);
    addWhere(kThrottleSyncBoost, ThrottleReason::Synced);
    addWhere(kThrottleIdle, ThrottleReason::Idle);
    return reasons;
}

std::optional<std::uint64_t> NvmlSample::memoryOfOthers(std::uint64_t ownBytes) const {
    if (!memoryTotal || !memoryFree) return std::nullopt;
    const std::uint64_t own = memoryOwned.value_or(ownBytes);
    const std::uint64_t used = *memoryTotal - std::min(*memoryFree, *memoryTotal);
    return used - std::min(own, used);
}

struct Nvml::Session {
    Session(DynamicLibrary opened, const NvmlApi& table) : library(std::move(opened)), api(table) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
        if (api.shutdown != nullptr) static_cast<void>(api.shutdown());
    }

    DynamicLibrary library;  // closed after the shutdown
    NvmlApi api;
};

Nvml::Nvml(std::unique_ptr<Session> session) : m_session(std::move(session)) {}
Nvml::Nvml(Nvml&& other) noexcept = default;
Nvml& Nvml::operator=(Nvml&& other) noexcept = default;
Nvml::~Nvml() = default;

Result<Nvml> Nvml::open() {
    auto library = DynamicLibrary::open(kLibraryName);
    if (!library)
        return fail(ErrorCode::Unsupported,
                    "NVIDIA's management library is not available: " + library.error().message,
                    kLibraryName);
    const NvmlApi api = loadNvml(*library);
    return start(std::move(*library), api);
}

Result<Nvml> Nvml::open(const NvmlApi& api) { return start({}, api); }

Result<Nvml> Nvml::start(DynamicLibrary library, const NvmlApi& api) {
    if (api.init == nullptr || api.shutdown == nullptr || api.handleByPciBusId == nullptr)
        return fail(ErrorCode::Unsupported,
                    "NVIDIA's management library is too old: functions are missing. Update the "
                    "NVIDIA driver.",
                    kLibraryName);
    const int result = api.init();
    if (result != kNvmlSuccess)
        return fail(ErrorCode::Unsupported,
                    fmt::format("NVIDIA's management library refuses to start (error {}). Is the "
                                "NVIDIA driver running?",
                                result),
                    kLibraryName);
    return Nvml(std::make_unique<Session>(std::move(library), api));
}

std::string Nvml::driverVersion() const {
    char text[96] = {};  // the library promises at most 80
    const auto function = m_session->api.driverVersion;
    if (function == nullptr || function(text, sizeof(text) - 1) != kNvmlSuccess) return {};
    return text;
}

Result<NvmlDeviceHandle> Nvml::device(const std::string& pciBusId) const {
    NvmlDeviceHandle handle = nullptr;
    const int result = m_session->api.handleByPciBusId(pciBusId.c_str(), &handle);
    if (result == kNvmlSuccess) return handle;
    return fail(ErrorCode::Unsupported,
                fmt::format("NVIDIA's management library does not know the card at {} (error {}).",
                            pciBusId, result),
                pciBusId);
}

NvmlSample Nvml::sample(NvmlDeviceHandle device) const {
    const NvmlApi& api = m_session->api;
    NvmlSample sample;
    if (const auto memory = ask<NvmlMemory>(api.memoryInfo, device)) {
        sample.memoryTotal = memory->total;
        sample.memoryFree = memory->free;
        sample.memoryUsed = memory->used;
    }
    // A process that draws and computes is in both lists, each with all of its memory.
    const auto computing = ownedIn(api.computeProcesses, device);
    sample.memoryOwned = computing ? computing : ownedIn(api.graphicsProcesses, device);
    sample.smClockMhz = ask<unsigned>(api.clockInfo, device, int{kNvmlClockSm});
    sample.smClockMaxMhz = ask<unsigned>(api.maxClockInfo, device, int{kNvmlClockSm});
    sample.memoryClockMhz = ask<unsigned>(api.clockInfo, device, int{kNvmlClockMemory});
    sample.memoryClockMaxMhz = ask<unsigned>(api.maxClockInfo, device, int{kNvmlClockMemory});
    if (const auto milliwatts = ask<unsigned>(api.powerUsage, device))
        sample.powerWatts = *milliwatts / 1e3;
    if (const auto milliwatts = ask<unsigned>(api.powerLimit, device))
        sample.powerLimitWatts = *milliwatts / 1e3;
    sample.temperatureCelsius = ask<unsigned>(api.temperature, device, kNvmlTemperatureGpu);
    if (const auto rates = ask<NvmlUtilization>(api.utilization, device)) {
        sample.utilizationPercent = rates->gpu;
        sample.memoryUtilizationPercent = rates->memory;
    }
    sample.pcieGeneration = ask<unsigned>(api.pcieGeneration, device);
    sample.pcieLanes = ask<unsigned>(api.pcieWidth, device);
    if (const auto bits = ask<unsigned long long>(api.throttleReasons, device))
        sample.throttling = throttleReasonsOf(*bits);
    return sample;
}

std::optional<PcieThroughput> Nvml::pcieThroughput(NvmlDeviceHandle device) const {
    const auto function = m_session->api.pcieThroughput;
    // Seen from the card: what it receives goes to it. KB are 1000 bytes here.
    const auto received = ask<unsigned>(function, device, int{kNvmlPcieReceived});
    const auto sent = ask<unsigned>(function, device, int{kNvmlPcieSent});
    if (!received || !sent) return std::nullopt;
    return PcieThroughput{.toCardGbS = *received / 1e6, .fromCardGbS = *sent / 1e6};
}

std::optional<unsigned> Nvml::memoryBusBits(NvmlDeviceHandle device) const {
    return ask<unsigned>(m_session->api.busWidth, device);
}

}  // namespace sotto::cuda
