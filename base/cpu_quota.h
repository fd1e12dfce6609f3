// How much processor time the system lets this process have, which may be less than the processors
// that it may run on have: containers and services are limited by quotas.
//
// On Linux the quotas of the control groups (cgroup v1 and v2) that the process is in: that of its
// own group and of all above it, of which the smallest holds. POSIX in cpu_quota_posix.cpp; on
// Windows the rate of its job, in cpu_quota_windows.cpp. Any thread.
#pragma once

#include <filesystem>
#include <optional>

namespace sotto {

// In processors: 1.5 is one and a half processors' time per second. Nothing: there is no limit, or
// the system does not tell. `root` is where /proc and /sys are looked for.
std::optional<double> cpuQuota(const std::filesystem::path& root = "/");

}  // namespace sotto
