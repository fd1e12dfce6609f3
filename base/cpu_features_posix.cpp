// Linux: names and cores from /proc/cpuinfo, narrowed to the cores this process may run on.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "base/cpu_features.h"
#include "base/cpu_quota.h"

namespace sotto {
namespace {

// Flags that matter to kernels, in the order people expect.
constexpr std::string_view kNamedFlags[] = {
    "sse4_2",   "avx",      "avx2",     "fma",         "f16c",        "avx_vnni",    "avx512f",
    "avx512bw", "avx512vl", "avx512dq", "avx512_vnni", "avx512_vbmi", "avx512_bf16", "avx512_fp16",
    "amx_tile", "amx_int8", "amx_bf16", "asimd",       "asimddp",     "i8mm",        "sve"};

std::string namedFlags(const std::string& line) {
    std::set<std::string> present;
    std::istringstream words(line);
    for (std::string word; words >> word;) present.insert(word);
    std::string list;
    for (const std::string_view flag : kNamedFlags) {
        if (!present.contains(std::string(flag))) continue;
        if (!list.empty()) list += ' ';
        list += flag;
    }
    return list;
}

}  // namespace

CpuInfo cpuInfo(const std::filesystem::path& root) {
    CpuInfo info;
    info.nLogicalCores = static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
    std::set<int> allowed;
#ifdef __linux__
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof(mask), &mask) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &mask)) allowed.insert(cpu);
        info.nLogicalCores = std::max(1, static_cast<int>(allowed.size()));
    }
#endif
    std::ifstream file(root / "proc/cpuinfo");
    std::set<std::pair<int, int>> cores;  // (socket, core) of every processor we may use
    int processor = -1;
    int socket = 0;
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
        const std::string value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
        if (key == "processor") processor = std::atoi(value.c_str());
        if (key == "model name") info.name = value;
        if (key == "physical id") socket = std::atoi(value.c_str());
        if (key == "core id" && (allowed.empty() || allowed.contains(processor)))
            cores.insert({socket, std::atoi(value.c_str())});
        if ((key == "flags" || key == "Features") && info.featureList.empty())
            info.featureList = namedFlags(value);
    }
    info.nPhysicalCores = cores.empty() ? info.nLogicalCores : static_cast<int>(cores.size());
#ifdef _SC_LEVEL3_CACHE_SIZE
    info.lastLevelCacheBytes = static_cast<std::size_t>(
        std::max({0L, sysconf(_SC_LEVEL2_CACHE_SIZE), sysconf(_SC_LEVEL3_CACHE_SIZE)}));
#endif
    info.quota = cpuQuota(root).value_or(0);
    return info;
}

}  // namespace sotto
