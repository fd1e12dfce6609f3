#include "engine/quant/read_block.h"

namespace sotto {

void readBlock(const BlockQ2_K& block, float* out) {
    const float d = toFloat(block.d);
    const float dMin = toFloat(block.dMin);
    for (int position = 0; position < kSuperBlock; ++position) {
        const unsigned factors = block.scales[position / 16];
        const float scale = d * static_cast<float>(factors & 0x0f);
        const float min = dMin * static_cast<float>(factors >> 4);
        out[position] = scale * static_cast<float>(lowKCode(block.codes, position)) - min;
    }
}

void readBlock(const BlockQ3_K& block, float* out) {
    const float d = toFloat(block.d);
    for (int position = 0; position < kSuperBlock; ++position) {
        const bool hasHigh = (block.highBits[position % 32] >> (position / 32) & 1) != 0;
        const int code = lowKCode(block.codes, position) - (hasHigh ? 0 : 4);
        const int factor = unpackScaleQ3_K(block.scales, position / 16);
        out[position] = d * static_cast<float>(factor - 32) * static_cast<float>(code);
    }
}

}  // namespace sotto
