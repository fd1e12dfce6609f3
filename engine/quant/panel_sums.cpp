#include <cstring>

#include "engine/quant/panel_product.h"

// As in lanes.h, which this needs nothing else of.
#ifndef SOTTO_SEARCH_SET
#define SOTTO_SEARCH_SET baseline
#endif

namespace sotto {
namespace SOTTO_SEARCH_SET {
namespace {

// 32 bytes of numbers: one register of AVX2, two of the baseline.
template <typename Number>
class Wide {
public:
    static constexpr int kCount = 32 / static_cast<int>(sizeof(Number));

    void load(const Number* from) { std::memcpy(&m_of, from, sizeof m_of); }
    void store(Number* to) const { std::memcpy(to, &m_of, sizeof m_of); }
#if defined(__GNUC__)
    void addScaled(Number by, const Wide& other) { m_of += by * other.m_of; }

private:
    typedef Number Vector __attribute__((vector_size(32)));
    Vector m_of{};
#else
    void addScaled(Number by, const Wide& other) {
        for (int lane = 0; lane < kCount; ++lane) m_of[lane] += by * other.m_of[lane];
    }

private:
    Number m_of[kCount] = {};
#endif
};

// Steps whose strip of B, two registers wide, is 16 KiB: it lies in the first-level cache where
// rows of B are not so wide that their lines fall into one set of it.
constexpr std::int64_t kStepsAtOnce = 256;

// nRows times two registers of C. Eight sums at once hide an addition's latency.
template <typename Number, int nRows>
void addTile(const PanelProduct<Number>& product, std::int64_t row, std::int64_t column,
             std::int64_t firstStep, std::int64_t endStep) {
    Wide<Number> sums[nRows][2];
    const Number* const a = product.a + row * product.aRowStride;
    for (std::int64_t step = firstStep; step < endStep; ++step) {
        const Number* const b = product.b + step * product.bStride + column;
        Wide<Number> low, high;
        low.load(b);
        high.load(b + Wide<Number>::kCount);
        for (int one = 0; one < nRows; ++one) {
            const Number by = a[one * product.aRowStride + step * product.aStepStride];
            sums[one][0].addScaled(by, low);
            sums[one][1].addScaled(by, high);
        }
    }
    for (int one = 0; one < nRows; ++one)
        for (int half = 0; half < 2; ++half) {
            Number* const place =
                product.c + (row + one) * product.cStride + column + half * Wide<Number>::kCount;
            Wide<Number> before;
            before.load(place);
            before.addScaled(Number{1}, sums[one][half]);
            before.store(place);
        }
}

template <typename Number>
void addAll(const PanelProduct<Number>& product) {
    constexpr int kRows = 4;
    for (std::int64_t first = 0; first < product.nSteps; first += kStepsAtOnce) {
        const std::int64_t end =
            first + kStepsAtOnce < product.nSteps ? first + kStepsAtOnce : product.nSteps;
        for (std::int64_t column = 0; column < product.nColumns;
             column += 2 * Wide<Number>::kCount) {
            std::int64_t row = 0;
            for (; row + kRows <= product.nRows; row += kRows)
                addTile<Number, kRows>(product, row, column, first, end);
            for (; row < product.nRows; ++row) addTile<Number, 1>(product, row, column, first, end);
        }
    }
}

}  // namespace

void addPanelSums(const PanelProduct<float>& product) { addAll(product); }
void addPanelSums(const PanelProduct<double>& product) { addAll(product); }

}  // namespace SOTTO_SEARCH_SET
}  // namespace sotto
