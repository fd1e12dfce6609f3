#include "engine/quantize/column_folds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "engine/quant/dequantize_reference.h"
#include "engine/quant/quantize.h"
#include "engine/quantize/row_sample.h"
#include "engine/quantize/sensitivity.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// Families whose norms are plain factors and whose layers have no other way from one matrix to the
// next than those below.
constexpr std::array<std::string_view, 4> kFoldedFamilies{"llama", "qwen2", "qwen3", "qwen3moe"};
// Exponents are tenths.
constexpr int kExponents = 10;
// Beyond that little is gained. It keeps no half-precision scale from becoming too small for one:
// what rows lose by being divided is measured.
constexpr float kLargestFold = 64.0f;

// Matrices that share their inputs, and what these inputs are divided in.
struct FoldGroup {
    std::vector<std::size_t> scaled;          // tensors whose columns are multiplied
    std::vector<std::size_t> dividedColumns;  // norms and biases
    std::optional<std::size_t> dividedRows;   // a matrix
    std::int64_t nGroupedHeads = 1;           // query heads that share a head of values
    std::int64_t headDim = 0;                 // of them; 0: columns stand for themselves
};

class FoldSearch {
public:
    explicit FoldSearch(const FoldArgs& args) : m_args(args) {
        for (std::size_t index = 0; index < args.tensors.size(); ++index)
            m_places[args.tensors[index].name] = index;
    }

    Result<ColumnFolds> run() {
        const std::vector<FoldGroup> groups = findGroups();
        for (std::size_t index = 0; index < groups.size(); ++index) {
            if (m_args.progress && !m_args.progress(index, groups.size()))
                return fail(ErrorCode::Cancelled, "Cancelled.");
            SOTTO_TRY(fold(groups[index]));
        }
        return std::move(m_folds);
    }

private:
    using Scales = std::vector<float>;  // [nMatrices, nColumns] of the first tensor of a group

    std::optional<std::size_t> find(const std::string& name) const {
        const auto found = m_places.find(name);
        return found == m_places.end() ? std::nullopt : std::optional(found->second);
    }
    const QuantizedTensor& tensor(std::size_t index) const { return m_args.tensors[index]; }

    std::vector<FoldGroup> findGroups() const {
        const GgufMetadata& keys = m_args.source.metadata();
        const std::string family(keys.string("general.architecture").value_or(""));
        if (!isFoldedArchitecture(family)) return {};
        const auto nLayers = keys.unsignedInteger(family + ".block_count").value_or(0);
        std::vector<FoldGroup> groups;
        for (std::uint64_t layer = 0; layer < nLayers && layer < m_args.tensors.size(); ++layer) {
            const std::string block = fmt::format("blk.{}.", layer);
            addBehindNorm(groups, block + "attn_norm.weight",
                          {block + "attn_q", block + "attn_k", block + "attn_v"});
            const bool isMixture = find(block + "ffn_gate_inp.weight").has_value();
            addBehindNorm(groups, block + "ffn_norm.weight",
                          isMixture ? std::vector{block + "ffn_gate_inp", block + "ffn_gate_exps",
                                                  block + "ffn_up_exps"}
                                    : std::vector{block + "ffn_gate", block + "ffn_up"});
            addBehindMatrix(groups, block + "attn_v", block + "attn_output");
            addBehindMatrix(groups, block + (isMixture ? "ffn_up_exps" : "ffn_up"),
                            block + (isMixture ? "ffn_down_exps" : "ffn_down"));
        }
        return groups;
    }

    // What stays as it is can only be multiplied where that rounds nothing away.
    bool isFoldable(std::size_t index) const {
        return tensor(index).to == DType::F32 || tensor(index).from != tensor(index).to;
    }

    bool isMatrix(std::size_t index) const { return tensor(index).shape.size() >= 2; }

    void addBehindNorm(std::vector<FoldGroup>& groups, const std::string& norm,
                       const std::vector<std::string>& matrices) const {
        FoldGroup group;
        const auto place = find(norm);
        if (!place || !isFoldable(*place)) return;
        group.dividedColumns.push_back(*place);
        for (const std::string& name : matrices) {
            const auto matrix = find(name + ".weight");
            if (!matrix || !isFoldable(*matrix) || !isMatrix(*matrix) ||
                tensor(*matrix).shape.front() != tensor(*place).shape.front())
                return;
            group.scaled.push_back(*matrix);
        }
        // Its inputs are those of all, and the norm has one scale for each.
        if (matrixCount(tensor(group.scaled.front()).shape) != 1) return;
        groups.push_back(std::move(group));
    }

    void addBehindMatrix(std::vector<FoldGroup>& groups, const std::string& before,
                         const std::string& matrix) const {
        const auto divided = find(before + ".weight"), scaled = find(matrix + ".weight");
        if (!divided || !scaled || !isFoldable(*divided) || !isFoldable(*scaled)) return;
        if (!isMatrix(*divided) || !isMatrix(*scaled)) return;
        FoldGroup group;
        group.scaled = {*scaled};
        group.dividedRows = divided;
        const std::int64_t nRows = tensor(*divided).shape[1];
        const std::int64_t nColumns = tensor(*scaled).shape.front();
        if (matrixCount(tensor(*divided).shape) != matrixCount(tensor(*scaled).shape)) return;
        if (nColumns != nRows) {
            // Of grouped heads: the heads of values, each for as many query heads.
            const GgufMetadata& keys = m_args.source.metadata();
            const std::string family(keys.string("general.architecture").value_or(""));
            const auto nHeads = static_cast<std::int64_t>(
                keys.unsignedInteger(family + ".attention.head_count").value_or(0));
            const auto nKvHeads = static_cast<std::int64_t>(
                keys.unsignedInteger(family + ".attention.head_count_kv").value_or(0));
            if (nKvHeads <= 0 || nHeads % nKvHeads != 0 || nRows % nKvHeads != 0) return;
            group.nGroupedHeads = nHeads / nKvHeads;
            group.headDim = nRows / nKvHeads;
            if (nColumns != group.headDim * nHeads) return;
        }
        if (const auto bias = find(before + ".bias")) {
            // Scales are of each matrix, a bias's of all of them.
            if (!isFoldable(*bias) || tensor(*bias).shape.front() != nRows ||
                matrixCount(tensor(*divided).shape) != 1)
                return;
            group.dividedColumns.push_back(*bias);
        }
        groups.push_back(std::move(group));
    }

    // Which row before them the columns of `group` come from.
    static std::int64_t rowOf(const FoldGroup& group, std::int64_t column) {
        if (group.headDim == 0) return column;
        const std::int64_t head = column / group.headDim;
        return head / group.nGroupedHeads * group.headDim + column % group.headDim;
    }

    // The mean of x^2 of each column, those that share a row evened out; none where the matrix
    // tells none.
    Result<std::vector<double>> squaresOf(const FoldGroup& group) const {
        const QuantizedTensor& first = tensor(group.scaled.front());
        // A norm has one scale for all experts: the router, which comes first, sees all rows.
        SOTTO_ASSIGN(
            const std::vector<float> weights,
            m_args.importance.weightsOf(first.name, matrixCount(first.shape), first.shape.front()));
        std::vector<double> squares(weights.begin(), weights.end());
        if (group.headDim == 0 || squares.empty()) return squares;
        std::vector<double> sums(squares.size());
        for (std::size_t column = 0; column < squares.size(); ++column)
            sums[rowAt(group, column)] += squares[column] / double(group.nGroupedHeads);
        for (std::size_t column = 0; column < squares.size(); ++column)
            squares[column] = sums[rowAt(group, column)];
        return squares;
    }
    static std::size_t rowAt(const FoldGroup& group, std::size_t column) {
        return static_cast<std::size_t>(rowOf(group, static_cast<std::int64_t>(column)));
    }

    // Of each matrix with a geometric mean of one.
    static Scales scalesOf(std::span<const double> squares, std::size_t nColumns, double exponent) {
        Scales scales(squares.size(), 1.0f);
        for (std::size_t first = 0; first < squares.size(); first += nColumns) {
            const auto own = squares.subspan(first, nColumns);
            const double largest = *std::ranges::max_element(own);
            if (!(largest > 0)) continue;
            const auto logOf = [&](double square) {
                return 0.5 * exponent * std::log(std::max(square, 1e-8 * largest));
            };
            double mean = 0;
            for (const double square : own) mean += logOf(square) / double(nColumns);
            for (std::size_t column = 0; column < nColumns; ++column)
                scales[first + column] =
                    std::clamp(static_cast<float>(std::exp(logOf(own[column]) - mean)),
                               1.0f / kLargestFold, kLargestFold);
        }
        return scales;
    }

    Status fold(const FoldGroup& group) {
        SOTTO_ASSIGN(const std::vector<double> squares, squaresOf(group));
        if (squares.empty()) {
            m_folds.countGroup(false);
            return {};
        }
        const auto nColumns = static_cast<std::size_t>(tensor(group.scaled.front()).shape.front());
        std::array<Scales, kExponents + 1> scales;
        std::array<double, kExponents + 1> losses{};
        for (int exponent = 0; exponent <= kExponents; ++exponent)
            scales[static_cast<std::size_t>(exponent)] =
                scalesOf(squares, nColumns, exponent / double(kExponents));
        bool isTried = false;
        for (const std::size_t index : group.scaled) {
            if (!isLossy(index)) continue;
            isTried = true;
            SOTTO_TRY(addLosses(
                index,
                [&](std::size_t choice, const SampledRows& sample, std::size_t row) {
                    return columnFactors(scales[choice], sample, row);
                },
                losses));
        }
        m_folds.countGroup(isTried);
        if (!isTried) return {};
        if (group.dividedRows && isLossy(*group.dividedRows))
            SOTTO_TRY(addDividedLosses(group, scales, losses));
        // The first of the least: 0 where nothing is gained.
        const auto best = std::ranges::min_element(losses) - losses.begin();
        if (best > 0) apply(group, scales[static_cast<std::size_t>(best)]);
        return {};
    }

    bool isLossy(std::size_t index) const {
        return isInBlocks(tensor(index).to) && tensor(index).from != tensor(index).to;
    }

    // What the weights of a row of the sample are multiplied by, one for each column.
    using Factors = std::function<std::vector<float>(std::size_t choice, const SampledRows& sample,
                                                     std::size_t row)>;

    static std::vector<float> columnFactors(const Scales& scales, const SampledRows& sample,
                                            std::size_t row) {
        const auto width = static_cast<std::size_t>(sample.nColumns);
        const std::size_t first = scales.size() > width ? sample.matrixOf(row) * width : 0;
        const auto own = std::span(scales).subspan(first, width);
        return {own.begin(), own.end()};
    }

    // Of the matrix before: rows that are divided may have scales too small for a half.
    Status addDividedLosses(const FoldGroup& group, std::span<const Scales> scales,
                            std::span<double> losses) const {
        std::vector<std::vector<float>> rows(scales.size(),
                                             std::vector<float>(static_cast<std::size_t>(
                                                 rowCount(tensor(*group.dividedRows).shape))));
        for (std::size_t choice = 0; choice < scales.size(); ++choice)
            divide(group, scales[choice], rows[choice]);
        return addLosses(
            *group.dividedRows,
            [&](std::size_t choice, const SampledRows& sample, std::size_t row) {
                return std::vector<float>(static_cast<std::size_t>(sample.nColumns),
                                          rows[choice][static_cast<std::size_t>(sample.rows[row])]);
            },
            losses);
    }

    // One of each choice, which is added to.
    Status addLosses(std::size_t tensorIndex, const Factors& factors,
                     std::span<double> losses) const {
        SOTTO_ASSIGN(const SampledRows sample,
                     sampleRows(m_args.source, &m_args.importance, tensorIndex));
        const DType type = tensor(tensorIndex).to;
        const std::size_t nRows = sample.nRows();
        std::vector<RowLoss> rows(nRows * losses.size());
        m_args.pool.parallelFor(
            static_cast<std::int64_t>(rows.size()), [&](std::int64_t place, int) {
                const auto index = static_cast<std::size_t>(place);
                rows[index] = lossOf(sample, index % nRows, type,
                                     factors(index / nRows, sample, index % nRows));
            });
        for (std::size_t choice = 0; choice < losses.size(); ++choice) {
            RowLoss all;
            for (std::size_t row = 0; row < nRows; ++row) all += rows[choice * nRows + row];
            losses[choice] += all.share();
        }
        return {};
    }

    // own: [nColumns] factors.
    static RowLoss lossOf(const SampledRows& sample, std::size_t index, DType type,
                          std::span<const float> own) {
        const auto width = static_cast<std::size_t>(sample.nColumns);
        const std::span<const float> values = sample.row(index), weights = sample.weightsOf(index);
        std::vector<float> folded(width), costs(width), back(width);
        bool isFolded = false;
        for (std::size_t column = 0; column < width; ++column) {
            folded[column] = values[column] * own[column];
            isFolded = isFolded || own[column] != 1.0f;
            const float weight = weights.empty() ? 1.0f : weights[column];
            costs[column] = weight / (own[column] * own[column]);
        }
        std::vector<std::byte> bytes(rowBytes(type, width));
        // Folded, a lattice is none any more.
        quantizeCheckedRows({.type = type,
                             .rows = folded,
                             .nColumns = sample.nColumns,
                             .importance = costs,
                             .stored = isFolded ? DType::F32 : sample.stored},
                            bytes);
        dequantizeRow(type, bytes, back);
        for (std::size_t column = 0; column < width; ++column) back[column] /= own[column];
        return rowLoss(values, back, weights);
    }

    void apply(const FoldGroup& group, const Scales& scales) {
        for (const std::size_t index : group.scaled)
            m_folds.make(index, tensor(index).shape).columns = scales;
        for (const std::size_t index : group.dividedColumns) {
            TensorFold& divided = m_folds.make(index, tensor(index).shape);
            divided.columns.resize(static_cast<std::size_t>(divided.nColumns));
            divide(group, scales, divided.columns);
        }
        if (!group.dividedRows) return;
        TensorFold& divided = m_folds.make(*group.dividedRows, tensor(*group.dividedRows).shape);
        divided.rows.resize(static_cast<std::size_t>(rowCount(tensor(*group.dividedRows).shape)));
        divide(group, scales, divided.rows);
    }

    static void divide(const FoldGroup& group, const Scales& scales, std::span<float> places) {
        if (group.headDim == 0)
            for (std::size_t place = 0; place < places.size(); ++place)
                places[place] = 1.0f / scales[place];
        else
            for (std::size_t column = 0; column < scales.size(); ++column)
                places[rowAt(group, column)] = 1.0f / scales[column];
    }

    const FoldArgs& m_args;
    std::map<std::string, std::size_t, std::less<>> m_places;
    ColumnFolds m_folds;
};

}  // namespace

bool isFoldedArchitecture(std::string_view architecture) {
    return std::ranges::find(kFoldedFamilies, architecture) != kFoldedFamilies.end();
}

TensorFold& ColumnFolds::make(std::size_t tensorIndex, std::span<const std::int64_t> shape) {
    TensorFold& fold = m_folds[tensorIndex];
    fold.nColumns = shape.front();
    fold.rowsPerMatrix = rowCount(shape) / matrixCount(shape);
    return fold;
}

void applyFold(const TensorFold& fold, std::int64_t firstRow, std::span<float> values) {
    const auto width = static_cast<std::size_t>(fold.nColumns);
    for (std::size_t first = 0; first < values.size(); first += width) {
        const std::int64_t row = firstRow + static_cast<std::int64_t>(first / width);
        for (std::size_t column = 0; column < width; ++column)
            values[first + column] *= fold.factor(row, static_cast<std::int64_t>(column));
    }
}

Result<ColumnFolds> chooseFolds(const FoldArgs& args) { return FoldSearch(args).run(); }

}  // namespace sotto
