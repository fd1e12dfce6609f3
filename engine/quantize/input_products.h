// InputProducts: H = sum of x x^T over the rows x that come to a matrix, and its factors, which
// error feedback needs (engine/quant/error_feedback.h).
//
// Flow: filled while a model reads a text (input_reader.h), then factored once. Sums are of
// float32, of 128 rows at a time, above the diagonal alone; factors are found in float64. Memory:
// bytes() while it is filled; 8 bytes for each pair of columns beside that while it is factored.
// One thread calls; the work is shared by a pool, and does not depend on its threads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/quant/error_feedback.h"

namespace sotto {

class InputProducts {
public:
    // `nColumns`: a multiple of 32, as the rows of all types with error feedback are.
    explicit InputProducts(std::int64_t nColumns);
    static std::uint64_t bytes(std::int64_t nColumns);
    // Beside them, while they are factored.
    static std::uint64_t factorBytes(std::int64_t nColumns);

    std::int64_t nColumns() const { return m_nColumns; }
    std::int64_t nRows() const { return m_nRows; }

    // x: [nRows, nColumns]
    void add(const float* x, std::int64_t nRows, ThreadPool& pool);
    // Behind the last row.
    void finish(ThreadPool& pool);
    // Behind finish(): the sums of x^2 of each column.
    std::vector<float> squares() const;

    // With a hundredth of the diagonal's mean added to it, as in the paper: columns that are nearly
    // sums of others, or never used, then have no more than that to say. Where float32 sums of very
    // wide matrices are off by more than that, with a tenth. The sums become the factors. Errors:
    // Cancelled (`isContinuing` is asked now and then; it may be empty), FileDamaged (the sums are
    // no numbers, or so far off that they are those of no inputs).
    Result<ErrorFeedback> takeFeedback(ThreadPool& pool, const std::function<bool()>& isContinuing);

private:
    void addPending(ThreadPool& pool);
    // False: not positive definite with so much added to its diagonal.
    Result<bool> factor(std::vector<double>& values, double damping, ThreadPool& pool,
                        const std::function<bool()>& isContinuing) const;

    std::int64_t m_nColumns = 0;
    std::int64_t m_nRows = 0;
    std::int64_t m_nPending = 0;    // rows
    std::vector<float> m_pending;   // [kPendingRows, nColumns]
    std::vector<float> m_products;  // [nColumns, nColumns], from the diagonal on
};

}  // namespace sotto
