// The inner loops of the CPU set as one table of functions per instruction set.
//
// Place: cpu_kernels.cpp splits an operation into chunks for the thread pool and calls these with
// raw pointers; each isa/<name>.cpp compiles the same templates with its own target flags and fills
// one table. Nothing here owns memory; nothing here allocates. Every function computes a row in an
// order that depends on nothing but the row itself, so results are equal for every batch size,
// thread count and, between AVX2 and AVX-512, instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/cpu_features.h"
#include "engine/kernels/cpu/attention_plan.h"
#include "engine/kernels/cpu/kv_tiles.h"
#include "engine/kernels/cpu/packed_weight.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cpu {

// Largest tile of tokens that a linear kernel takes at once.
inline constexpr int kMaxTileTokens = 12;
// What comes from memory is fetched this far ahead: the processor's own prefetchers lose the thread
// at page borders, and some 100 ns at 16 GB/s and core are 1.6 KB, twice that under load.
inline constexpr std::int64_t kPrefetchBytes = 3072;
// What readMemory() takes of a stream before it turns to the next: four lines.
inline constexpr std::int64_t kReadStepBytes = 256;

// Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K, in this order of their index.
inline constexpr int kPackedTypes = 8;

// int8 activations of one tile of `nTokens` tokens (T), interleaved so that a kernel reads forward:
//   quants   [nCols / 4][T][4]   round(x / scale), in [-127, 127]
//   scales   [nCols / 32][T]     max|x| / 127 over 32 columns
//   sums     [nCols / 32][T]     scale * sum of the quants (types with a minimum)
//   negSums  [nCols / 16][T]     minus the sum of 16 quants (types with an offset add it back)
struct ActivationTile {
    std::int8_t* quants = nullptr;
    float* scales = nullptr;
    float* sums = nullptr;
    std::int32_t* negSums = nullptr;
};

// One row group against one tile.
struct PackedTileArgs {
    const std::byte* group = nullptr;  // packed, see packed_weight.h
    std::int64_t nCols = 0;
    std::int64_t scalePlaneBytes = 0;
    ActivationTile x;
    float* out = nullptr;         // [T, outStride], already at the group's first row
    std::int64_t outStride = 0;   // rows of the whole matrix
    const float* bias = nullptr;  // [nLanes] or null
    int nLanes = 0;               // rows of this group, 16 but in the last one
    bool isAccumulating = false;
    // What is fetched from memory meanwhile: with every fetchEvery-th block, counted from
    // fetchFirst, the one that lies fetchBytes behind it, up to fetchEnd. 0 bytes: nothing.
    std::int64_t fetchBytes = 0;
    std::int64_t fetchEvery = 1;
    std::int64_t fetchFirst = 0;
    const std::byte* fetchEnd = nullptr;
};
using PackedTileFunction = void (*)(const PackedTileArgs& args);

// Rows of a float matrix against a few tokens; `rows` are in the file's order and type.
struct FloatTileArgs {
    const std::byte* rows = nullptr;
    std::int64_t rowBytes = 0;
    std::int64_t nCols = 0;
    int nRows = 0;
    const float* x = nullptr;  // [nTokens, nCols]
    std::int64_t nTokens = 0;
    float* out = nullptr;  // [nTokens, outStride], already at the first row
    std::int64_t outStride = 0;
    const float* bias = nullptr;  // [nRows] or null
    bool isAccumulating = false;
};
using FloatTileFunction = void (*)(const FloatTileArgs& args);

// Some rows of one sequence against one KV head; see attention.inl.h and attention_plan.h.
struct AttentionTileArgs {
    const AttentionArgs* args = nullptr;
    const KvTiles* cache = nullptr;
    const std::int32_t* blockIds = nullptr;
    std::int64_t firstToken = 0;
    std::int64_t nTokens = 0;
    std::int64_t kvHead = 0;
    std::int64_t firstSplit = 0;
    std::int64_t endSplit = 0;
    float* scratch = nullptr;
    // Null: all splits of the rows are there, and the rows are written. Else the states of this one
    // split are left there, or, for attentionMerge, lie there of all splits.
    float* partials = nullptr;
};

// Cosines and sines of one token's rotation, times the magnitude. Neox: [rotaryDims / 2] each.
// Interleaved: [rotaryDims], each pair's cosine twice, and its sine with both signs: -sin, sin.
struct RotationTable {
    const float* cosines = nullptr;
    const float* sines = nullptr;
};

// Rows of one sequence at consecutive positions of one block, so that their keys lie side by side,
// and the KV heads of them with their queries.
struct RopeRun {
    static constexpr std::int64_t kMostTokens = 16;

    std::int64_t firstToken = 0;
    std::int64_t nTokens = 0;
    std::int64_t firstKvHead = 0;
    std::int64_t endKvHead = 0;
    const float* rotations = nullptr;  // [nTokens][2][nRotation]: cosines, then sines
    std::int64_t nRotation = 0;

    // Inlined by force, since code for newer processors calls it too.
    __attribute__((always_inline)) RotationTable rotation(std::int64_t row) const {
        const float* const cosines = rotations + row * 2 * nRotation;
        return {cosines, cosines + nRotation};
    }
};

struct KernelTable {
    // [type index][tokens in the tile], for 1 to tileTokens of them.
    PackedTileFunction packedTile[kPackedTypes][kMaxTileTokens + 1] = {};
    int tileTokens = 0;
    FloatTileFunction floatTile[3] = {};  // F32, F16, BF16

    // Quantizes token `tokenIndex` of a tile of nTileTokens from x [nCols].
    void (*quantizeToken)(const float* x, std::int64_t nCols, int nTileTokens, int tokenIndex,
                          const ActivationTile& tile) = nullptr;
    // One row; in place is allowed.
    void (*rmsNormRow)(const float* x, const float* weight, float* out, std::int64_t width,
                       float epsilon) = nullptr;
    void (*glu)(GluKind kind, const float* gate, const float* up, float* out,
                std::int64_t nElements) = nullptr;
    // Norm, rotation and store of heads of some tokens; scratch: [nTokens][key.dim], and at least
    // [value.dim].
    void (*ropeStoreRun)(const RopeStoreArgs& args, const KvTiles& cache, const RopeRun& run,
                         float* scratch) = nullptr;
    void (*attentionTile)(const AttentionTileArgs& args) = nullptr;
    void (*attentionMerge)(const AttentionTileArgs& args) = nullptr;
    // Reads in 1, 2, 4 or 8 streams; returns all bytes or-ed into one word. See read_memory.inl.h.
    std::uint64_t (*readMemory)(const std::byte* data, std::int64_t nBytes, int nStreams) = nullptr;
};

// Other types than those of the table end the program.
int packedTypeIndex(DType type);
int floatTypeIndex(DType type);

// Null when this build has no code for that instruction set.
const KernelTable* scalarKernelTable();
const KernelTable* avx2KernelTable();
const KernelTable* avx512VnniKernelTable();

// The wanted set where this machine and this build have it, else the best they have.
Isa usableIsa(std::optional<Isa> wanted = std::nullopt);
const KernelTable* kernelTable(Isa isa);

}  // namespace sotto::cpu
