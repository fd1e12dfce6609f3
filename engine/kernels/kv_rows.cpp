#include "engine/kernels/kv_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/check.h"
#include "base/finite_half.h"
#include "base/small_floats.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize_reference.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/hadamard.h"

namespace sotto {
namespace {

constexpr int kBlock = kKvBlockElements;
constexpr Half kNoNumber{0x7e00};

DType blockType(KvType type) {
    if (type == KvType::Q8_0) return DType::Q8_0;
    if (type == KvType::Q5_0) return DType::Q5_0;
    SOTTO_CHECK(type == KvType::Q4_0);
    return DType::Q4_0;
}

Half scaleRoundedUp(float scale) {
    Half half = toHalf(std::min(scale, kLargestHalf));
    if (toFloat(half) < scale && toFloat(half) < kLargestHalf) ++half.bits;
    return half;
}

void writeFloat8Block(KvType type, const float* values, std::byte* out) {
    const bool isE4M3 = type == KvType::F8E4M3;
    float largest = 0;
    for (int index = 0; index < kBlock; ++index)
        largest = std::max(largest, std::fabs(values[index]));
    const Half scale = scaleRoundedUp(largest / (isE4M3 ? kLargestE4M3 : kLargestE5M2));
    if (scale.bits == 0) return;  // else -0 would have its sign
    const float inverse = 1.0f / toFloat(scale);
    std::memcpy(out, &scale, sizeof(scale));
    for (int index = 0; index < kBlock; ++index) {
        const float value = values[index] * inverse;
        out[2 + index] = std::byte{isE4M3 ? toE4M3(value) : toE5M2(value)};
    }
}

void writeBlock(KvType type, const float* values, std::byte* out) {
    const std::size_t nBytes = kvTypeTraits(type).blockBytes;
    std::memset(out, 0, nBytes);
    if (!std::all_of(values, values + kBlock, [](float x) { return std::isfinite(x); })) {
        std::memcpy(out, &kNoNumber, sizeof(kNoNumber));
        return;
    }
    if (isFloat8(type)) {
        writeFloat8Block(type, values, out);
    } else {
        quantizeRow(blockType(type), {values, kBlock}, {out, nBytes});
        Half scale;
        std::memcpy(&scale, out, sizeof(scale));
        if ((scale.bits & 0x7fff) == 0) std::memset(out, 0, nBytes);
    }
}

void readFloat8Block(KvType type, const std::byte* stored, float* values) {
    Half scale;
    std::memcpy(&scale, stored, sizeof(scale));
    for (int index = 0; index < kBlock; ++index) {
        const auto bits = std::to_integer<std::uint8_t>(stored[2 + index]);
        values[index] = toFloat(scale) * (type == KvType::F8E4M3 ? fromE4M3(bits) : fromE5M2(bits));
    }
}

}  // namespace

void writeKvRow(const KvRow& row, float* values, std::byte* out) {
    if (row.isRotated) turnHead(values, row.dim);
    const auto nElements = static_cast<std::size_t>(row.dim);
    if (isQuantized(row.type)) {
        SOTTO_CHECK(nElements % kBlock == 0);
        const std::size_t blockBytes = kvTypeTraits(row.type).blockBytes;
        for (std::size_t block = 0; block < nElements / kBlock; ++block)
            writeBlock(row.type, values + block * kBlock, out + block * blockBytes);
    } else if (row.type == KvType::F16) {
        for (std::size_t dim = 0; dim < nElements; ++dim) {
            const Half half = toFiniteHalf(values[dim]);
            std::memcpy(out + dim * sizeof(half), &half, sizeof(half));
        }
    } else {
        std::memcpy(out, values, nElements * sizeof(float));
    }
}

void readKvRow(const KvRow& row, const std::byte* stored, float* values) {
    const auto nElements = static_cast<std::size_t>(row.dim);
    if (isFloat8(row.type)) {
        for (std::size_t first = 0; first < nElements; first += kBlock)
            readFloat8Block(row.type, stored + rowBytes(row.type, first), values + first);
    } else if (isQuantized(row.type)) {
        dequantizeRow(blockType(row.type), {stored, row.bytes()}, {values, nElements});
    } else if (row.type == KvType::F16) {
        for (std::size_t dim = 0; dim < nElements; ++dim) {
            Half half;
            std::memcpy(&half, stored + dim * sizeof(half), sizeof(half));
            values[dim] = toFloat(half);
        }
    } else {
        std::memcpy(values, stored, nElements * sizeof(float));
    }
}

}  // namespace sotto
