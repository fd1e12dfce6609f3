#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

int packedTypeIndex(DType type) {
    switch (type) {
        case DType::Q8_0: return 0;
        case DType::Q4_0: return 1;
        case DType::Q4_K: return 2;
        case DType::Q5_K: return 3;
        default: return 4;
    }
}

int floatTypeIndex(DType type) {
    switch (type) {
        case DType::F32: return 0;
        case DType::F16: return 1;
        default: return 2;
    }
}

}  // namespace sotto::cpu
