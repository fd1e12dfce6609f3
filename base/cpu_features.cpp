#include "base/cpu_features.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace sotto {
#if defined(__x86_64__)
namespace {

// clang 16 does not know "f16c" in __builtin_cpu_supports. The state that it needs is that of AVX2,
// which is asked for beside it.
bool hasF16c() {
    unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

}  // namespace
#endif

std::string_view isaName(Isa isa) {
    switch (isa) {
        case Isa::Scalar: return "scalar";
        case Isa::Avx2: return "avx2";
        case Isa::Avx512Vnni: return "avx512-vnni";
    }
    return "scalar";
}

bool isIsaSupported(Isa isa) {
#if defined(__x86_64__)
    // The builtin also asks XGETBV whether the system saves the wide registers.
    switch (isa) {
        case Isa::Scalar: return true;
        case Isa::Avx2:
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && hasF16c();
        case Isa::Avx512Vnni:
            return isIsaSupported(Isa::Avx2) && __builtin_cpu_supports("avx512f") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
    }
#endif
    return isa == Isa::Scalar;
}

int CpuInfo::defaultThreads() const {
    if (quota <= 0 || quota >= nPhysicalCores) return nPhysicalCores;
    return std::max(1, static_cast<int>(std::ceil(quota)));
}

Isa bestIsa() {
    if (isIsaSupported(Isa::Avx512Vnni)) return Isa::Avx512Vnni;
    if (isIsaSupported(Isa::Avx2)) return Isa::Avx2;
    return Isa::Scalar;
}

}  // namespace sotto
