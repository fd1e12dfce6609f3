#include "engine/selftest/selftest.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize_reference.h"
#include "engine/quant/random_bits.h"
#include "engine/selftest/case_data.h"

namespace sotto {
namespace selftest {

std::uint64_t Random::next() { return mixBits(m_state += kGoldenRatio); }

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

float Random::gaussian() {
    double sum = -6.0;
    for (int term = 0; term < 12; ++term) sum += uniform();
    return static_cast<float>(sum);
}

int Random::below(int end) { return static_cast<int>(uniform() * end); }

std::vector<float> gaussians(Random& random, std::int64_t nElements) {
    std::vector<float> values(static_cast<std::size_t>(nElements));
    for (float& value : values) {
        value = random.gaussian();
        if (random.below(61) == 0) value *= 30.0f;
    }
    return values;
}

Matrix randomMatrix(Random& random, DType type, std::int64_t nRows, std::int64_t nCols,
                    float scale) {
    Matrix matrix{.type = type,
                  .nRows = nRows,
                  .nCols = nCols,
                  .bytes = {},
                  .values = gaussians(random, nRows * nCols)};
    for (float& value : matrix.values) value *= scale;
    matrix.bytes.resize(matrix.view().bytes());
    quantizeRow(type, matrix.values, matrix.bytes);
    dequantizeRow(type, matrix.bytes, matrix.values);
    return matrix;
}

DotNoise dotNoise(DType type, const float* w, const float* x, std::int64_t nCols) {
    const bool isInt8 = dtypeTraits(type).blockElements > 1;
    double magnitude = 0;
    DotNoise noise;
    for (std::int64_t first = 0; first < nCols; first += 32) {
        const std::int64_t end = std::min(nCols, first + 32);
        const auto [low, high] = std::minmax_element(w + first, w + end);
        const double largestWeight = std::max(std::fabs(*low), std::fabs(*high));
        const double spread = 2.0 * (*high - *low) + largestWeight;
        double sumOfX = 0, largestX = 0, sumOfSquares = 0;
        for (std::int64_t col = first; col < end; ++col) {
            sumOfX += std::fabs(x[col]);
            largestX = std::max<double>(largestX, std::fabs(x[col]));
            sumOfSquares += static_cast<double>(w[col]) * w[col];
        }
        magnitude += sumOfX * (isInt8 ? spread : largestWeight);
        if (isInt8) noise.variance += largestX / 127 * (largestX / 127) / 12 * sumOfSquares;
    }
    noise.rounding = kFloatRounding * (static_cast<double>(nCols) / 16 + 12) * magnitude;
    return noise;
}

void ErrorMeter::add(const char* what, std::int64_t index, double expected, double actual,
                     double bound) {
    const double error = std::fabs(expected - actual);
    const bool isGood = error <= bound;  // false for NaN
    const double ratio = isGood ? (bound > 0 ? error / bound : 0)
                                : (std::isfinite(error) ? 1 + error / (bound + 1e-300)
                                                        : std::numeric_limits<double>::infinity());
    if (!isGood) m_result.ok = false;
    if (ratio <= m_worstRatio) return;
    m_worstRatio = ratio;
    m_result.maxError = error;
    m_result.bound = bound;
    m_result.detail = std::string(what) + " element " + std::to_string(index) + ": expected " +
                      std::to_string(expected) + ", got " + std::to_string(actual);
}

std::byte* DeviceCopies::putBytes(const void* from, std::size_t bytes) {
    if (!m_status) return nullptr;
    // Whole floats, because that is what is read back.
    auto buffer = m_kernels.allocate(std::max<std::size_t>(4, (bytes + 3) / 4 * 4));
    if (!buffer) {
        m_status = fail(std::move(buffer.error()));
        return nullptr;
    }
    m_status = m_kernels.upload(buffer->data(), from, bytes);
    m_buffers.push_back(std::move(*buffer));
    return m_buffers.back().data();
}

void DeviceCopies::takeBytes(const std::byte* from, void* to, std::size_t bytes) {
    if (!m_status) return;
    const auto values = m_kernels.readback(reinterpret_cast<const float*>(from), (bytes + 3) / 4);
    if (!values)
        m_status = fail(values.error());
    else
        std::memcpy(to, values->data(), bytes);
}

Result<DeviceCache> DeviceCache::make(KernelSet& kernels, const KvLayerShape& shape,
                                      std::int32_t nBlocks) {
    SOTTO_ASSIGN(Buffer buffer, kernels.allocate(kernels.cacheBytes(shape, nBlocks)));
    const KvLayer layer{shape, nBlocks, buffer.data()};
    return DeviceCache(kernels, std::move(buffer), layer);
}

DeviceCache::DeviceCache(KernelSet& kernels, Buffer buffer, const KvLayer& layer)
    : m_kernels(&kernels),
      m_buffer(std::move(buffer)),
      m_layer(layer),
      m_ids(static_cast<std::size_t>(layer.nBlocks)) {
    std::iota(m_ids.begin(), m_ids.end(), 0);
}

KvBlocks DeviceCache::allBlocks() const {
    return {m_ids, std::int64_t{m_layer.nBlocks} * m_layer.shape.blockTokens,
            m_layer.shape.blockBytes()};
}

Status DeviceCache::write(std::span<const std::byte> blocks) const {
    return m_kernels->writeBlocks(m_layer, allBlocks(), blocks.data());
}

Status DeviceCache::read(std::span<std::byte> blocks) const {
    return m_kernels->readBlocks(m_layer, allBlocks(), blocks.data());
}

SelftestResult couldNotRun(const Error& error) { return {false, 0, 0, error.message}; }

}  // namespace selftest

std::vector<SelftestCase> selftestCases(KernelSet& subject, const SelftestOptions& options) {
    std::vector<SelftestCase> cases;
    selftest::addRowCases(subject, cases);
    selftest::addLinearCases(subject, cases);
    selftest::addRopeStoreCases(subject, cases);
    selftest::addAttentionCases(subject, cases);
    selftest::addBlockCases(subject, cases);
    selftest::addKvCodeCases(subject, cases);
    selftest::addExpertCases(subject, cases);
    selftest::addChoiceCases(subject, cases);
    for (const SelftestVariant& variant : options.variants) {
        selftest::addLinearTileCases(variant, cases);
        selftest::addExpertTileCases(variant, cases);
    }
    if (options.isRealSize) selftest::addRealSizeCases(subject, cases);
    return cases;
}

}  // namespace sotto
