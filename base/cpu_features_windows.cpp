// Windows: the count of cores from the system, the name from the registry's processor key.
#include <windows.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/cpu_features.h"
#include "base/cpu_quota.h"

namespace sotto {

CpuInfo cpuInfo(const std::filesystem::path&) {
    CpuInfo info;
    info.nLogicalCores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    info.nPhysicalCores = info.nLogicalCores;
    DWORD bytes = 0;
    GetLogicalProcessorInformation(nullptr, &bytes);
    std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> entries(
        bytes / sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
    if (!entries.empty() && GetLogicalProcessorInformation(entries.data(), &bytes)) {
        info.nPhysicalCores =
            static_cast<int>(std::count_if(entries.begin(), entries.end(), [](const auto& entry) {
                return entry.Relationship == RelationProcessorCore;
            }));
    }
    for (const auto& entry : entries)
        if (entry.Relationship == RelationCache)
            info.lastLevelCacheBytes =
                std::max<std::size_t>(info.lastLevelCacheBytes, entry.Cache.Size);
    char name[128] = {};
    DWORD size = sizeof(name) - 1;
    if (RegGetValueA(HKEY_LOCAL_MACHINE, "HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0",
                     "ProcessorNameString", RRF_RT_REG_SZ, nullptr, name, &size) == ERROR_SUCCESS)
        info.name = name;
    for (const Isa isa : {Isa::Avx2, Isa::Avx512Vnni}) {
        if (!isIsaSupported(isa)) continue;
        if (!info.featureList.empty()) info.featureList += ' ';
        info.featureList += isaName(isa);
    }
    info.quota = cpuQuota().value_or(0);
    return info;
}

}  // namespace sotto
