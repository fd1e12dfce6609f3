// What the selftest cases are made of: reproducible numbers, weights, and the judge of errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/kernels/kernel_set.h"
#include "engine/selftest/selftest.h"
#include "engine/tensor/tensor_view.h"

namespace sotto::selftest {

// Half a unit in the last place of 1.0f: what one rounded float operation adds, relatively.
inline constexpr double kFloatRounding = 0x1p-24;

inline std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next();
    double uniform();    // [0, 1)
    float gaussian();    // mean 0, deviation about 1 (sum of twelve uniforms)
    int below(int end);  // [0, end)

private:
    std::uint64_t m_state;
};

// Gaussian values; every 61st or so is an outlier of 30 times the size.
std::vector<float> gaussians(Random& random, std::int64_t nElements);

// A matrix in file form, and what its bytes mean.
struct Matrix {
    DType type = DType::F32;
    std::int64_t nRows = 0;
    std::int64_t nCols = 0;
    std::vector<std::byte> bytes;  // the file's form
    std::vector<float> values;     // [nRows, nCols] dequantized

    TensorView view() const { return {bytes.data(), type, nCols, nRows}; }
};
Matrix randomMatrix(Random& random, DType type, std::int64_t nRows, std::int64_t nCols,
                    float scale = 1.0f);

// How far one product of a row with activations may be from exact.
//   rounding: a chain of one product per block of 32 (per 16 columns for floats) and a few
//   operations around it, relative to the sum of the terms' sizes. A k-quant's term is d*sc*q and
//   dmin*m apart, each at most twice the spread of the block's weights.
//   variance: of int8 activations. Each is off by a uniform error of deviation scale / sqrt(12),
//   with scale = max|x| / 127 per 32; zero for float matrices. Eight deviations are never seen.
struct DotNoise {
    double rounding = 0;
    double variance = 0;
};
DotNoise dotNoise(DType type, const float* w, const float* x, std::int64_t nCols);

// Collects errors; the element with the largest error/bound ratio is the one reported.
class ErrorMeter {
public:
    void add(const char* what, std::int64_t index, double expected, double actual, double bound);
    SelftestResult result() const { return m_result; }

private:
    SelftestResult m_result{.ok = true, .maxError = 0, .bound = 0, .detail = {}};
    double m_worstRatio = -1;
};

SelftestResult couldNotRun(const Error& error);

// The inputs and outputs of one run in the memory of a set. Collects the first failure, so that a
// case looks once, before it starts the operation.
class DeviceCopies {
public:
    explicit DeviceCopies(KernelSet& kernels) : m_kernels(kernels) {}

    // Null after a failure.
    template <typename T>
    T* put(const std::vector<T>& values) {
        return reinterpret_cast<T*>(putBytes(values.data(), values.size() * sizeof(T)));
    }
    const Status& status() const { return m_status; }

    // Waits for the operation. A failure leaves `values` as they are and shows in status().
    template <typename T>
    void take(const T* from, std::vector<T>& values) {
        takeBytes(reinterpret_cast<const std::byte*>(from), values.data(),
                  values.size() * sizeof(T));
    }

private:
    std::byte* putBytes(const void* from, std::size_t bytes);
    void takeBytes(const std::byte* from, void* to, std::size_t bytes);

    KernelSet& m_kernels;
    std::vector<Buffer> m_buffers;
    Status m_status;
};

// A layer's cache in the memory of a set, written and read whole, as canonical blocks.
class DeviceCache {
public:
    // Errors: OutOfMemory.
    static Result<DeviceCache> make(KernelSet& kernels, const KvLayerShape& shape,
                                    std::int32_t nBlocks);

    const KvLayer& layer() const { return m_layer; }
    // [nBlocks][blockBytes()] of the shape.
    Status write(std::span<const std::byte> blocks) const;
    Status read(std::span<std::byte> blocks) const;

private:
    DeviceCache(KernelSet& kernels, Buffer buffer, const KvLayer& layer);
    KvBlocks allBlocks() const;

    KernelSet* m_kernels;
    Buffer m_buffer;
    KvLayer m_layer;
    std::vector<std::int32_t> m_ids;
};

// The groups of cases, one file each; of steps of many rows in one shape of block beside them.
void addLinearCases(KernelSet& subject, std::vector<SelftestCase>& cases);
void addLinearTileCases(const SelftestVariant& variant, std::vector<SelftestCase>& cases);
void addRealSizeCases(KernelSet& subject, std::vector<SelftestCase>& cases);
void addRowCases(KernelSet& subject, std::vector<SelftestCase>& cases);  // embed, norm, glu
void addRopeStoreCases(KernelSet& subject, std::vector<SelftestCase>& cases);
void addAttentionCases(KernelSet& subject, std::vector<SelftestCase>& cases);
void addBlockCases(KernelSet& subject, std::vector<SelftestCase>& cases);  // in and out
void addKvCodeCases(KernelSet& subject, std::vector<SelftestCase>& cases);
void addExpertCases(KernelSet& subject, std::vector<SelftestCase>& cases);
void addExpertTileCases(const SelftestVariant& variant, std::vector<SelftestCase>& cases);
void addChoiceCases(KernelSet& subject, std::vector<SelftestCase>& cases);

}  // namespace sotto::selftest
