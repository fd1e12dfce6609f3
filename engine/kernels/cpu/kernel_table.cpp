#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

int packedTypeIndex(DType type) {
    switch (type) {
        case DType::Q8_0: return 0;
        case DType::Q4_0: return 1;
        case DType::Q4_1: return 2;
        case DType::Q5_0: return 3;
        case DType::Q5_1: return 4;
        case DType::Q4_K: return 5;
        case DType::Q5_K: return 6;
        case DType::Q6_K: return 7;
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "packedTypeIndex");
}

int floatTypeIndex(DType type) {
    switch (type) {
        case DType::F32: return 0;
        case DType::F16: return 1;
        case DType::BF16: return 2;
        case DType::Q8_0:
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q5_0:
        case DType::Q5_1:
        case DType::Q4_K:
        case DType::Q5_K:
        case DType::Q6_K:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "floatTypeIndex");
}

const KernelTable* kernelTable(Isa isa) {
    switch (isa) {
        case Isa::Avx512Vnni: return avx512VnniKernelTable();
        case Isa::Avx2: return avx2KernelTable();
        case Isa::Scalar: return scalarKernelTable();
    }
    return scalarKernelTable();
}

Isa usableIsa(std::optional<Isa> wanted) {
    const auto isUsable = [](Isa isa) {
        return isIsaSupported(isa) && kernelTable(isa) != nullptr;
    };
    if (wanted && isUsable(*wanted)) return *wanted;
    for (const Isa isa : {Isa::Avx512Vnni, Isa::Avx2})
        if (isUsable(isa)) return isa;
    return Isa::Scalar;
}

}  // namespace sotto::cpu
