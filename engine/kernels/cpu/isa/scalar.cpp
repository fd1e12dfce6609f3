// The fallback of every machine, and the second opinion on the intrinsics.
#include "engine/kernels/cpu/isa/vec_scalar.h"
//
#include "engine/kernels/cpu/isa/fill_table.inl.h"

namespace sotto::cpu {

const KernelTable* scalarKernelTable() {
    static constexpr KernelTable kTable = filledTable<VecScalar, 4>();
    return &kTable;
}

}  // namespace sotto::cpu
