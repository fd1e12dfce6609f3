#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

const KernelTable* avx512VnniKernelTable() { return nullptr; }

}  // namespace sotto::cpu
