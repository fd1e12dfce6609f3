// Matrices whose weights are codes of 2 to 8 bits: GPTQ, AWQ, and the four bits of bitsandbytes.
//
// Place: openStoredMatrix() calls these once it has seen which form it is. `stem` is the name
// without "weight". Errors of all: FileDamaged, Unsupported. Sources: the formats' own readers:
// GPTQModel nn_modules/qlinear (unpacking), AutoAWQ utils/packing_utils, bitsandbytes
// functional.QuantState and csrc/ops.cu (kDequantizeBlockwise).
#pragma once

#include <memory>
#include <string>

#include "engine/hf/stored_matrix.h"

namespace sotto {

// qweight, qzeros and scales of GPTQ, with g_idx where the columns were sorted:
// weight[out][in] = scales[g][out] * (code - zero[g][out] - 1), the last only in the first form.
Result<std::unique_ptr<StoredMatrix>> openGptqMatrix(const Checkpoint& checkpoint,
                                                     const std::string& stem,
                                                     const HfQuantization& quantization);

// qweight, qzeros and scales of AWQ: weight[out][in] = scales[g][out] * (code - zero[g][out]).
Result<std::unique_ptr<StoredMatrix>> openAwqMatrix(const Checkpoint& checkpoint,
                                                    const std::string& stem,
                                                    const HfQuantization& quantization);

// NF4 and FP4: weight = quant_map[code] * absmax[block], absmax itself possibly of eight bits.
Result<std::unique_ptr<StoredMatrix>> openFourBitMatrix(const Checkpoint& checkpoint,
                                                        const std::string& stem,
                                                        const StoredTensor& codes);

}  // namespace sotto
