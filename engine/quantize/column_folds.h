// ColumnFolds: a model's columns scaled before it is quantized, so that those that matter lose
// less, with the inverse scales folded into what comes before: the model computes what it did.
//
// Flow: quantize_run chooses them where ModelMethod::Awq is asked for, and applies them to each
// row that it reads. Columns of q, k, v and of gate, up and the router by the norm before them;
// those of the output projection by the values of their head (one scale for all query heads that
// share it); those of down by up, expert by expert; biases of what is divided with it. A column's
// scale is the root of E[x^2] to a power between 0 and 1, the one of eleven with which a sample of
// the rows loses least as the types that they will have, those of a matrix that is divided for it
// among them. With 0 nothing is folded. Matrices whose inputs the importance matrix has not, and
// models of other families than those that this program runs, stay as they are.
// Source: Lin et al., "AWQ", arXiv:2306.00978. Plain values once they are chosen; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/api/quantize.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/quantize/importance.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {

// What a tensor's weights are multiplied by. Either may be empty: by nothing.
struct TensorFold {
    std::vector<float> columns;  // [nMatrices, nColumns], or [nColumns] for all matrices
    std::vector<float> rows;     // of all matrices
    std::int64_t nColumns = 0;
    std::int64_t rowsPerMatrix = 0;

    float ofColumn(std::int64_t matrix, std::int64_t column) const {
        if (columns.empty()) return 1.0f;
        const bool isOfEach = static_cast<std::int64_t>(columns.size()) > nColumns;
        return columns[static_cast<std::size_t>((isOfEach ? matrix * nColumns : 0) + column)];
    }
    float factor(std::int64_t row, std::int64_t column) const {
        const float own = ofColumn(row / rowsPerMatrix, column);
        return rows.empty() ? own : own * rows[static_cast<std::size_t>(row)];
    }
};

class ColumnFolds {
public:
    // Null: the tensor stays as it is.
    const TensorFold* of(std::size_t tensorIndex) const {
        const auto found = m_folds.find(tensorIndex);
        return found == m_folds.end() ? nullptr : &found->second;
    }
    TensorFold& make(std::size_t tensorIndex, std::span<const std::int64_t> shape);

    // Groups of matrices that could have been scaled, and those of them for which losses were
    // measured: the importance matrix has their inputs, and they are quantized to blocks.
    int nGroups() const { return m_nGroups; }
    int nTried() const { return m_nTried; }
    void countGroup(bool isTried) {
        ++m_nGroups;
        m_nTried += isTried ? 1 : 0;
    }

private:
    int m_nGroups = 0;
    int m_nTried = 0;
    std::map<std::size_t, TensorFold> m_folds;
};

// values: [nRows, nColumns] from `firstRow` of the tensor on.
void applyFold(const TensorFold& fold, std::int64_t firstRow, std::span<float> values);

struct FoldArgs {
    const TensorSource& source;
    std::span<const QuantizedTensor> tensors;  // of the source, with the types that they will have
    const ImportanceMatrix& importance;
    ThreadPool& pool;
    // Called before each group of matrices with how many are done; false cancels. May be empty.
    std::function<bool(std::size_t nDone, std::size_t nAll)> progress = {};
};

// Errors: those of sampleRows(), Cancelled.
Result<ColumnFolds> chooseFolds(const FoldArgs& args);

}  // namespace sotto
