// out[token, :] = scale * dequantized row of the table.
#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {

void embed(const EmbedArgs& args) {
    const auto& table = static_cast<const ReferenceWeight&>(*args.table);
    float* out = args.out;
    for (const std::int32_t tokenId : args.tokenIds) {
        table.row(tokenId, out);
        for (std::int64_t dim = 0; dim < table.nCols; ++dim) out[dim] *= args.scale;
        out += table.nCols;
    }
}

}  // namespace sotto::reference
