// AVX-512 with VNNI. Compiled with those flags: nothing but kernel templates may live here, since a
// shared inline function could be linked from here into code for older processors.
#include "engine/kernels/cpu/kernel_table.h"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include "engine/kernels/cpu/isa/vec_avx512.h"
//
#include "engine/kernels/cpu/isa/fill_table.inl.h"

namespace sotto::cpu {

const KernelTable* avx512VnniKernelTable() {
    static constexpr KernelTable kTable = filledTable<VecAvx512, 12>();
    return &kTable;
}

}  // namespace sotto::cpu
#else
namespace sotto::cpu {
const KernelTable* avx512VnniKernelTable() { return nullptr; }
}  // namespace sotto::cpu
#endif
