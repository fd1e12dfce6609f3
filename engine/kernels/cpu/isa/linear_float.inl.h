// Rows of a float matrix (F32, F16, BF16; in the file's own layout) against float activations.
//
// acc[lane] = sum over chunks of 16 columns in order, lanes folded by one fixed tree at the end:
// the same bits for every number of tokens. A tile is kRows rows x kTokens tokens: with 4 x 4 each
// loaded register takes part in four products. Bytes moved: the rows once per 4 tokens (from L1
// after the first), x once per 4 rows.
#pragma once

#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

template <class V>
struct LoadF32 {
    static constexpr int kBytes = 4;
    static typename V::F full(const std::byte* source) {
        return V::load(reinterpret_cast<const float*>(source));
    }
    static typename V::F partial(const std::byte* source, int nLanes) {
        return V::loadPartial(reinterpret_cast<const float*>(source), nLanes);
    }
};

template <class V>
struct LoadF16 {
    static constexpr int kBytes = 2;
    static typename V::F full(const std::byte* source) { return V::loadHalf(source); }
    static typename V::F partial(const std::byte* source, int nLanes) {
        return V::loadHalf(source, nLanes);
    }
};

template <class V>
struct LoadBF16 {
    static constexpr int kBytes = 2;
    static typename V::F full(const std::byte* source) { return V::loadBFloat16(source); }
    static typename V::F partial(const std::byte* source, int nLanes) {
        return V::loadBFloat16(source, nLanes);
    }
};

template <class V, class Load, int kRows, int kTokens>
void floatBlock(const FloatTileArgs& args, int firstRow, std::int64_t firstToken) {
    const std::byte* rows = args.rows + firstRow * args.rowBytes;
    const float* x = args.x + firstToken * args.nCols;
    typename V::F acc[kRows][kTokens];
    for (int row = 0; row < kRows; ++row)
        for (int token = 0; token < kTokens; ++token) acc[row][token] = V::zero();
    const std::int64_t nFull = args.nCols / 16 * 16;
    for (std::int64_t col = 0; col < nFull; col += 16) {
        typename V::F xs[kTokens];
#pragma GCC unroll 8
        for (int token = 0; token < kTokens; ++token)
            xs[token] = V::load(x + token * args.nCols + col);
#pragma GCC unroll 8
        for (int row = 0; row < kRows; ++row) {
            const auto w = Load::full(rows + row * args.rowBytes + col * Load::kBytes);
#pragma GCC unroll 8
            for (int token = 0; token < kTokens; ++token)
                acc[row][token] = V::fma(w, xs[token], acc[row][token]);
        }
    }
    const int nTail = static_cast<int>(args.nCols - nFull);
    for (int row = 0; row < kRows && nTail > 0; ++row) {
        const auto w = Load::partial(rows + row * args.rowBytes + nFull * Load::kBytes, nTail);
        for (int token = 0; token < kTokens; ++token)
            acc[row][token] =
                V::fma(w, V::loadPartial(x + token * args.nCols + nFull, nTail), acc[row][token]);
    }
    for (int token = 0; token < kTokens; ++token) {
        float* out = args.out + (firstToken + token) * args.outStride + firstRow;
        for (int row = 0; row < kRows; ++row) {
            float value = V::reduceAdd(acc[row][token]);
            if (args.bias != nullptr) value += args.bias[firstRow + row];
            out[row] = args.isAccumulating ? out[row] + value : value;
        }
    }
}

template <class V, class Load, int kTokens>
void floatRows(const FloatTileArgs& args, std::int64_t firstToken) {
    int row = 0;
    for (; row + 4 <= args.nRows; row += 4) floatBlock<V, Load, 4, kTokens>(args, row, firstToken);
    for (; row < args.nRows; ++row) floatBlock<V, Load, 1, kTokens>(args, row, firstToken);
}

template <class V, class Load>
void floatTile(const FloatTileArgs& args) {
    std::int64_t token = 0;
    for (; token + V::kFloatTokens <= args.nTokens; token += V::kFloatTokens)
        floatRows<V, Load, V::kFloatTokens>(args, token);
    for (; token < args.nTokens; ++token) floatRows<V, Load, 1>(args, token);
}

template <class V>
constexpr void fillFloatTiles(KernelTable& table) {
    table.floatTile[0] = floatTile<V, LoadF32<V>>;
    table.floatTile[1] = floatTile<V, LoadF16<V>>;
    table.floatTile[2] = floatTile<V, LoadBF16<V>>;
}

}  // namespace sotto::cpu
