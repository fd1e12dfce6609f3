// What the processor that runs us can do: decides at run time which kernels are used.
//
// Plain functions that read CPUID (and the operating system's consent to wide registers) anew on
// each call; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sotto {

// The instruction sets that kernels exist for, weakest first.
enum class Isa : std::uint8_t {
    Scalar,      // the compiler's baseline; always there
    Avx2,        // AVX2, FMA, F16C
    Avx512Vnni,  // AVX-512 F, BW, VL, DQ and VNNI
};

// Lowercase, as in logs and on the command line: "scalar", "avx2", "avx512-vnni".
std::string_view isaName(Isa isa);

bool isIsaSupported(Isa isa);
Isa bestIsa();

struct CpuInfo {
    std::string name;                     // marketing name, empty when the system does not tell
    int nPhysicalCores = 1;               // that this process may use
    int nLogicalCores = 1;                // that this process may use
    std::size_t lastLevelCacheBytes = 0;  // of one processor; 0: not known
    double quota = 0;         // processors' worth of time that it gets (cpu_quota.h); 0: all of it
    std::string featureList;  // "avx2 fma f16c avx512f …", space-separated, for people

    // How many threads work best: one per physical core, no more than the quota keeps busy, rounded
    // up. With more, all of them stand still when the quota is used up.
    int defaultThreads() const;
};

// POSIX in cpu_features_posix.cpp, its Windows twin in cpu_features_windows.cpp. `root` is where
// /proc and /sys are looked for; which processors there are and their caches are asked otherwise.
CpuInfo cpuInfo(const std::filesystem::path& root = "/");

}  // namespace sotto
