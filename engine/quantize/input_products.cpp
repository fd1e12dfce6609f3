#include "engine/quantize/input_products.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "engine/quant/panel_product.h"

namespace sotto {
namespace {

// Rows that are multiplied at once: each sum is loaded and stored once for them, and what a float
// loses by adding them in order is far below the damping.
constexpr std::int64_t kPendingRows = 128;
// Of a tile, and columns that are eliminated at once.
constexpr std::int64_t kTile = 32;
constexpr double kDamping = 0.01;
// Of float32 sums, each is off by some millionths of itself. Where a few of many columns have
// nearly all of the diagonal, these are more than a hundredth of its mean.
constexpr double kLargestDamping = 0.1;

// H = R R^T with R upper triangular, in place, from the last columns to the first: Cholesky's
// factorization with the order of the columns turned round. R M^-1 is the root of D.
class UpperFactor {
public:
    // `values`: [n, n] from the diagonal on; what is below it is not read.
    UpperFactor(std::vector<double>& values, std::int64_t n, ThreadPool& pool)
        : m_values(values), m_n(n), m_pool(pool), m_taken(asSize(kTile * n)) {}

    // False: not positive definite. Asks before each panel.
    Result<bool> run(const std::function<bool()>& isContinuing) {
        for (std::int64_t end = m_n; end > 0; end -= kTile) {
            if (isContinuing && !isContinuing()) return fail(ErrorCode::Cancelled, "Cancelled.");
            if (!eliminateDiagonal(end - kTile)) return false;
            eliminateRows(end - kTile);
            subtractProducts(end - kTile);
        }
        return true;
    }

private:
    static std::size_t asSize(std::int64_t count) { return static_cast<std::size_t>(count); }
    double* row(std::int64_t index) { return m_values.data() + index * m_n; }

    // The tile whose first column is `first`, by the definition.
    bool eliminateDiagonal(std::int64_t first) {
        for (std::int64_t column = first + kTile - 1; column >= first; --column) {
            const double square = row(column)[column];
            if (!(square > 0.0) || !std::isfinite(square)) return false;
            const double root = std::sqrt(square);
            row(column)[column] = root;
            for (std::int64_t above = first; above < column; ++above) row(above)[column] /= root;
            for (std::int64_t above = first; above < column; ++above)
                for (std::int64_t other = above; other < column; ++other)
                    row(above)[other] -= row(above)[column] * row(other)[column];
        }
        return true;
    }

    // The rows above it: R_tile solves R_row R_tile^T = H_row.
    void eliminateRows(std::int64_t first) {
        m_pool.parallelFor((first + kTile - 1) / kTile, [&](std::int64_t chunk, int) {
            for (std::int64_t above = chunk * kTile; above < (chunk + 1) * kTile; ++above) {
                double* const values = row(above);
                for (std::int64_t column = first + kTile - 1; column >= first; --column) {
                    double sum = values[column];
                    for (std::int64_t later = column + 1; later < first + kTile; ++later)
                        sum -= values[later] * row(column)[later];
                    values[column] = sum / row(column)[column];
                    m_taken[asSize((column - first) * m_n + above)] = -values[column];
                }
            }
        });
    }

    // What is left of H above the tile.
    void subtractProducts(std::int64_t first) {
        m_pool.parallelFor(first / kTile, [&](std::int64_t chunk, int) {
            const std::int64_t top = chunk * kTile;
            addPanelProduct(PanelProduct<double>{.c = row(top) + top,
                                                 .cStride = m_n,
                                                 .a = row(top) + first,
                                                 .aRowStride = m_n,
                                                 .aStepStride = 1,
                                                 .b = m_taken.data() + top,
                                                 .bStride = m_n,
                                                 .nRows = kTile,
                                                 .nColumns = first - top,
                                                 .nSteps = kTile});
        });
    }

    std::vector<double>& m_values;
    const std::int64_t m_n;
    ThreadPool& m_pool;
    std::vector<double> m_taken;  // [kTile, n]: the panel at work, negative, column by column
};

}  // namespace

InputProducts::InputProducts(std::int64_t nColumns)
    : m_nColumns(nColumns),
      m_pending(static_cast<std::size_t>(kPendingRows * nColumns)),
      m_products(static_cast<std::size_t>(nColumns * nColumns)) {
    SOTTO_CHECK(nColumns > 0 && nColumns % kTile == 0);
}

std::uint64_t InputProducts::bytes(std::int64_t nColumns) {
    return static_cast<std::uint64_t>(nColumns * (nColumns + kPendingRows)) * sizeof(float);
}

std::uint64_t InputProducts::factorBytes(std::int64_t nColumns) {
    return static_cast<std::uint64_t>(nColumns * (nColumns + kTile)) * sizeof(double);
}

void InputProducts::add(const float* x, std::int64_t nRows, ThreadPool& pool) {
    m_nRows += nRows;
    while (nRows > 0) {
        const std::int64_t count = std::min(nRows, kPendingRows - m_nPending);
        std::memcpy(m_pending.data() + m_nPending * m_nColumns, x,
                    static_cast<std::size_t>(count * m_nColumns) * sizeof(float));
        m_nPending += count;
        nRows -= count;
        x += count * m_nColumns;
        if (m_nPending == kPendingRows) addPending(pool);
    }
}

void InputProducts::finish(ThreadPool& pool) {
    if (m_nPending > 0) addPending(pool);
    m_pending = {};
}

void InputProducts::addPending(ThreadPool& pool) {
    pool.parallelFor(m_nColumns / kTile, [&](std::int64_t chunk, int) {
        const std::int64_t top = chunk * kTile;
        addPanelProduct(PanelProduct<float>{.c = m_products.data() + top * m_nColumns + top,
                                            .cStride = m_nColumns,
                                            .a = m_pending.data() + top,
                                            .aRowStride = 1,
                                            .aStepStride = m_nColumns,
                                            .b = m_pending.data() + top,
                                            .bStride = m_nColumns,
                                            .nRows = kTile,
                                            .nColumns = m_nColumns - top,
                                            .nSteps = m_nPending});
    });
    m_nPending = 0;
}

std::vector<float> InputProducts::squares() const {
    std::vector<float> squares(static_cast<std::size_t>(m_nColumns));
    for (std::size_t column = 0; column < squares.size(); ++column)
        squares[column] = m_products[column * squares.size() + column];
    return squares;
}

Result<bool> InputProducts::factor(std::vector<double>& values, double damping, ThreadPool& pool,
                                   const std::function<bool()>& isContinuing) const {
    std::ranges::copy(m_products, values.begin());
    const auto width = static_cast<std::size_t>(m_nColumns);
    for (std::size_t column = 0; column < width; ++column)
        values[column * width + column] += damping;
    return UpperFactor(values, m_nColumns, pool).run(isContinuing);
}

Result<ErrorFeedback> InputProducts::takeFeedback(ThreadPool& pool,
                                                  const std::function<bool()>& isContinuing) {
    SOTTO_CHECK(m_nPending == 0);
    ErrorFeedback feedback{.nColumns = m_nColumns, .passed = {}, .importance = squares()};
    double sum = 0;
    for (const float square : feedback.importance) sum += double(square);
    if (!std::isfinite(sum)) return fail(ErrorCode::FileDamaged, "Inputs are no numbers.");
    const double damping = sum > 0 ? kDamping * sum / double(m_nColumns) : 1.0;

    const auto width = static_cast<std::size_t>(m_nColumns);
    std::vector<double> values(width * width);
    SOTTO_ASSIGN(bool isFactored, factor(values, damping, pool, isContinuing));
    if (!isFactored) {
        SOTTO_ASSIGN(isFactored,
                     factor(values, damping * (kLargestDamping / kDamping), pool, isContinuing));
    }
    if (!isFactored)
        return fail(ErrorCode::FileDamaged, "The sums are not those of a matrix's inputs.");
    for (std::size_t row = 0; row < width; ++row)
        for (std::size_t column = row + 1; column < width; ++column)
            m_products[row * width + column] =
                static_cast<float>(values[row * width + column] / values[column * width + column]);
    feedback.passed = std::move(m_products);
    return feedback;
}

}  // namespace sotto
