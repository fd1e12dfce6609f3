#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

const KernelTable* avx2KernelTable() { return nullptr; }

}  // namespace sotto::cpu
