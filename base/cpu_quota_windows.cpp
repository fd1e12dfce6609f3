// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_cpu_rate_control_information
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <algorithm>
#include <thread>

#include "base/cpu_quota.h"

namespace sotto {

// The rate counts hundredths of a percent of all processors.
std::optional<double> cpuQuota(const std::filesystem::path&) {
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate{};
    constexpr DWORD kHardCap =
        JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
    if (!::QueryInformationJobObject(nullptr, JobObjectCpuRateControlInformation, &rate,
                                     sizeof(rate), nullptr) ||
        (rate.ControlFlags & kHardCap) != kHardCap || rate.CpuRate == 0)
        return std::nullopt;
    return rate.CpuRate / 10000.0 * std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace sotto
