// Random rows in file order: bytes of a row are the words of engine/quant/random_bits.h, with the
// fields of the type's blocks put in where they lie (block_formats.h) and invalid codes mended.
//
// A block of 256 threads makes 2048 bytes of one row, a thread one 8-byte word in pieces of 2
// bytes, the alignment of file blocks. Writes every byte once and reads none; two rounds of 64-bit
// multiplications per word.
#include "engine/kernels/cuda/random_rows.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "engine/kernels/cuda/common/launch.h"
#include "engine/quant/random_bits.h"

namespace sotto::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWordUnits = 4;  // units of 2 bytes
constexpr int kBlockUnits = kThreads * kWordUnits;

struct RandomShape {
    std::uint16_t* out;
    std::uint64_t seed;
    std::int64_t firstRow;
    int nRowUnits;
    int nRowBlocks;  // thread blocks per row
    float step;
    std::uint16_t d;
    std::uint16_t dMin;
};

// A byte -128 becomes -127.
__device__ __forceinline__ std::uint32_t avoidLowest(std::uint32_t pair) {
    if ((pair & 0x00ffu) == 0x0080u) pair |= 0x0001u;
    if ((pair & 0xff00u) == 0x8000u) pair |= 0x0100u;
    return pair;
}

// Unit `unit` of a row (2 bytes of the file) from its random bits.
template <DType type>
__device__ __forceinline__ std::uint32_t fileUnit(const RandomShape& shape, int unit,
                                                  std::uint32_t bits) {
    if constexpr (type == DType::F16 || type == DType::BF16) {
        const float weight =
            __fmul_rn(shape.step, static_cast<float>(static_cast<std::int16_t>(bits)));
        if constexpr (type == DType::F16) return __half_as_ushort(__float2half_rn(weight));
        return __bfloat16_as_ushort(__float2bfloat16_rn(weight));
    } else if constexpr (type == DType::Q8_0) {
        return unit % 17 == 0 ? shape.d : avoidLowest(bits);
    } else if constexpr (type == DType::Q4_0) {
        if (unit % 9 == 0) return shape.d;
        // Nibble 0 becomes 8, which is weight 0.
        for (int nibble = 0; nibble < 16; nibble += 4)
            if ((bits >> nibble & 0xfu) == 0) bits |= 8u << nibble;
        return bits;
    } else if constexpr (type == DType::Q5_0) {
        return unit % 11 == 0 ? shape.d | (bits & 0x8000u) : bits;
    } else if constexpr (type == DType::Q4_1 || type == DType::Q5_1) {
        const int inBlock = unit % (type == DType::Q4_1 ? 10 : 12);
        return inBlock == 0 ? shape.d : inBlock == 1 ? shape.dMin : bits;
    } else if constexpr (type == DType::Q4_K || type == DType::Q5_K) {
        const int inBlock = unit % (type == DType::Q4_K ? 72 : 88);
        return inBlock == 0 ? shape.d : inBlock == 1 ? shape.dMin : bits;
    } else {
        static_assert(type == DType::Q6_K);
        const int inBlock = unit % 105;
        return inBlock == 104 ? shape.d : inBlock >= 96 ? avoidLowest(bits) : bits;
    }
}

template <DType type>
__global__ void __launch_bounds__(kThreads) randomRowsKernel(RandomShape shape) {
    gridDependencyWait();
    const int block = static_cast<int>(blockIdx.x);
    const std::int64_t row = block / shape.nRowBlocks;
    const int word = block % shape.nRowBlocks * kThreads + static_cast<int>(threadIdx.x);
    const std::uint64_t state =
        randomRowState(shape.seed, static_cast<std::uint64_t>(shape.firstRow + row));
    const std::uint64_t bits = randomWord(state, static_cast<std::uint64_t>(word));
    std::uint16_t* const out = shape.out + row * shape.nRowUnits;
    for (int index = 0; index < kWordUnits; ++index) {
        const int unit = word * kWordUnits + index;
        if (unit >= shape.nRowUnits) return;
        if constexpr (type == DType::F32) {
            if (index % 2 == 1) continue;
            const auto integer = static_cast<std::int32_t>(bits >> (16 * index));
            reinterpret_cast<float*>(out)[unit / 2] =
                __fmul_rn(shape.step, static_cast<float>(integer));
        } else {
            const auto own = static_cast<std::uint32_t>(bits >> (16 * index)) & 0xffffu;
            out[unit] = static_cast<std::uint16_t>(fileUnit<type>(shape, unit, own));
        }
    }
}

template <DType type>
void launchRandomRowsOf(const RandomRowsArgs& args, const LaunchStream& on) {
    const RandomScales scales = randomScales(type, args.matrix.deviation);
    const int nRowUnits = static_cast<int>(args.matrix.rowBytes() / 2);
    const int nRowBlocks = (nRowUnits + kBlockUnits - 1) / kBlockUnits;
    const RandomShape shape{.out = reinterpret_cast<std::uint16_t*>(args.out),
                            .seed = args.matrix.seed,
                            .firstRow = args.firstRow,
                            .nRowUnits = nRowUnits,
                            .nRowBlocks = nRowBlocks,
                            .step = scales.step,
                            .d = scales.d.bits,
                            .dMin = scales.dMin.bits};
    launch(randomRowsKernel<type>, dim3(static_cast<unsigned>(args.nRows * nRowBlocks)),
           dim3(kThreads), 0, on, shape);
}

}  // namespace

void launchRandomRows(const RandomRowsArgs& args, const LaunchStream& on) {
    if (args.nRows == 0) return;
    switch (args.matrix.type) {
        case DType::F32: return launchRandomRowsOf<DType::F32>(args, on);
        case DType::F16: return launchRandomRowsOf<DType::F16>(args, on);
        case DType::BF16: return launchRandomRowsOf<DType::BF16>(args, on);
        case DType::Q8_0: return launchRandomRowsOf<DType::Q8_0>(args, on);
        case DType::Q4_0: return launchRandomRowsOf<DType::Q4_0>(args, on);
        case DType::Q4_1: return launchRandomRowsOf<DType::Q4_1>(args, on);
        case DType::Q5_0: return launchRandomRowsOf<DType::Q5_0>(args, on);
        case DType::Q5_1: return launchRandomRowsOf<DType::Q5_1>(args, on);
        case DType::Q4_K: return launchRandomRowsOf<DType::Q4_K>(args, on);
        case DType::Q5_K: return launchRandomRowsOf<DType::Q5_K>(args, on);
        case DType::Q6_K: return launchRandomRowsOf<DType::Q6_K>(args, on);
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(args.matrix.type, "random_rows");
}

}  // namespace sotto::cuda
