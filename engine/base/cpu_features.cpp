#include "engine/base/cpu_features.h"

namespace sotto {

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
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("f16c");
        case Isa::Avx512Vnni:
            return isIsaSupported(Isa::Avx2) && __builtin_cpu_supports("avx512f") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
    }
#endif
    return isa == Isa::Scalar;
}

Isa bestIsa() {
    if (isIsaSupported(Isa::Avx512Vnni)) return Isa::Avx512Vnni;
    if (isIsaSupported(Isa::Avx2)) return Isa::Avx2;
    return Isa::Scalar;
}

}  // namespace sotto
