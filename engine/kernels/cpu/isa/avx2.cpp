// AVX2, FMA and F16C. Compiled with those flags: nothing but kernel templates may live here, since
// a shared inline function could be linked from here into code for older processors.
#include "engine/kernels/cpu/kernel_table.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include "engine/kernels/cpu/isa/vec_avx2.h"
//
#include "engine/kernels/cpu/isa/fill_table.inl.h"

namespace sotto::cpu {

// Tiles of 3 tokens: 2 x (3 integer + 3 float) accumulators leave 4 of 16 registers.
const KernelTable* avx2KernelTable() {
    static constexpr KernelTable kTable = filledTable<VecAvx2, 3>();
    return &kTable;
}

}  // namespace sotto::cpu
#else
namespace sotto::cpu {
const KernelTable* avx2KernelTable() { return nullptr; }
}  // namespace sotto::cpu
#endif
