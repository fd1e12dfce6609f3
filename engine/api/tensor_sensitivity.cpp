#include "engine/api/tensor_sensitivity.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/mix.h"
#include "engine/quant/quantize.h"
#include "engine/quantize/row_checks.h"
#include "engine/quantize/sensitivity.h"
#include "engine/schedule/divergence_scores.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// What is read for each matrix.
constexpr std::int64_t kTokensPerMatrix = 1024;
constexpr std::size_t kMostPositions = 512;
// Of log-probabilities, float32: 128 MiB.
constexpr std::size_t kMostFloats = std::size_t{1} << 25;
// A model of more layers has so many measured, evenly, the first two among them.
constexpr std::int64_t kMeasuredLayers = 10;
// Of four bits: an error of a thousandth of a weight's size is the rounding of where it came from.
constexpr double kLeastLoss = 1e-6;

// A matrix as a coarse quantizer leaves it, in a type that the kernels read, and what it lost.
struct CoarseMatrix {
    std::vector<std::byte> bytes;
    DType type = DType::F32;
    double loss = 0;
};

// Four bits in the blocks that the rows can take; nothing: they take none.
std::optional<DType> coarseType(const GgufTensor& tensor) {
    for (const DType type : {DType::Q4_K, DType::Q4_0})
        if (tensor.shape.front() % dtypeTraits(type).blockElements == 0) return type;
    return std::nullopt;
}

// Wide enough for what is kept of `type`.
DType plainType(DType type) {
    return type == DType::F32 || type == DType::BF16 ? type : DType::F16;
}

class SensitivityRun {
public:
    explicit SensitivityRun(const SensitivityRunArgs& args)
        : m_args(args),
          m_pool(args.nThreads),
          m_nChunks(
              std::clamp<std::int64_t>(kTokensPerMatrix / args.contextTokens, 1, args.nChunks)) {}

    Result<std::map<std::string, double, std::less<>>> run() {
        const std::vector<const WeightEntry*> chosen = chosenEntries();
        m_nSteps = static_cast<std::int64_t>(chosen.size()) + 1;
        choosePositions();
        SOTTO_TRY(readText([this](std::size_t place, std::span<const float> logits) {
            logSoftmax(logits, base(place));
        }));
        std::map<std::string, double, std::less<>> result;
        for (const WeightEntry* const entry : chosen) {
            SOTTO_ASSIGN(const std::optional<double> sensitivity, measure(*entry));
            if (sensitivity) result[entry->tensor->name] = *sensitivity;
        }
        fillLayers(result);
        return result;
    }

private:
    // All matrices that a quantizer would touch, of deep models of some layers.
    std::vector<const WeightEntry*> chosenEntries() const {
        const auto nLayers = static_cast<std::int64_t>(m_args.model.file->config.layers.size());
        std::set<std::int64_t> layers;
        const std::int64_t nWanted = std::min(nLayers, kMeasuredLayers);
        for (std::int64_t index = 0; index < nWanted; ++index)
            layers.insert(nWanted > 1 ? index * (nLayers - 1) / (nWanted - 1) : 0);
        layers.insert(std::min<std::int64_t>(1, nLayers - 1));
        std::vector<const WeightEntry*> chosen;
        for (const WeightEntry& entry : m_args.model.file->table.entries) {
            if (!isTouched(entry)) continue;
            if (entry.layerIndex < 0 || layers.contains(entry.layerIndex)) chosen.push_back(&entry);
        }
        return chosen;
    }

    static bool isTouched(const WeightEntry& entry) {
        return !entry.isVector() && !isKeptAsItIs({entry.tensor->name, entry.tensor->shape}) &&
               coarseType(*entry.tensor).has_value();
    }

    // Evenly in the second halves of the chunks.
    void choosePositions() {
        const std::int64_t nHalf = m_args.contextTokens - firstScored();
        const auto nAll = static_cast<std::size_t>(nHalf * m_nChunks);
        const auto nVocab = static_cast<std::size_t>(m_args.model.file->config.nVocab);
        m_nVocab = nVocab;
        m_nPositions =
            std::min({nAll, kMostPositions, std::max<std::size_t>(1, kMostFloats / nVocab)});
        m_isChosen.assign(nAll, false);
        for (std::size_t index = 0; index < m_nPositions; ++index)
            m_isChosen[(2 * index + 1) * nAll / (2 * m_nPositions)] = true;
        m_base.resize(m_nPositions * nVocab);
    }

    std::int64_t firstScored() const { return m_args.contextTokens / 2; }

    std::span<float> base(std::size_t place) {
        return std::span(m_base).subspan(place * m_nVocab, m_nVocab);
    }

    // Tells the logits of the chosen positions, in order.
    Status readText(const std::function<void(std::size_t, std::span<const float>)>& sink) {
        std::size_t place = 0, position = 0;
        for (std::int64_t chunk = 0; chunk < m_nChunks; ++chunk) {
            m_args.runner.restart();
            const auto tokens = m_args.read.withBos(m_args.read.chunk(chunk, m_args.contextTokens));
            SOTTO_TRY(m_args.runner.run(
                tokens, firstScored(),
                [&](std::int64_t, std::span<const float> logits) {
                    if (position < m_isChosen.size() && m_isChosen[position++])
                        sink(place++, logits);
                },
                [this] { return !m_args.progress || m_args.progress(m_nDone, m_nSteps); }));
        }
        SOTTO_CHECK(place == m_nPositions);
        ++m_nDone;
        return {};
    }

    // Of what `logits` predict from the model's own.
    double divergence(std::size_t place, std::span<const float> logits) {
        m_logs.resize(m_nVocab);
        logSoftmax(logits, m_logs);
        return std::max(0.0, klDivergence(base(place), m_logs));
    }

    // Nothing of a matrix that the coarse quantizer leaves as it is: that is no measurement.
    Result<std::optional<double>> measure(const WeightEntry& entry) {
        SOTTO_ASSIGN(const CoarseMatrix coarse, coarseOf(*entry.tensor));
        if (!(coarse.loss > kLeastLoss)) {
            ++m_nDone;
            return std::optional<double>();
        }
        KernelSet& kernels = *m_args.model.lastPart().kernels;
        const TensorView own = entry.tensor->matrix();
        SOTTO_ASSIGN(const std::unique_ptr<Weight> weight,
                     kernels.prepareWeight({.data = coarse.bytes.data(),
                                            .type = coarse.type,
                                            .nCols = own.nCols,
                                            .nRows = own.nRows}));
        double sum = 0;
        // Back to the model's own, whatever comes.
        const std::vector<const Weight**> places = placesOf(entry);
        const Weight* const before = *places.front();
        for (const Weight** const place : places) *place = weight.get();
        const Status status = readText([&](std::size_t place, std::span<const float> logits) {
            sum += divergence(place, logits);
        });
        for (const Weight** const place : places) *place = before;
        SOTTO_TRY(status);
        return sum / static_cast<double>(m_nPositions) / coarse.loss;
    }

    // Where the model finds the matrix: a tied embedding in two places.
    std::vector<const Weight**> placesOf(const WeightEntry& entry) const {
        Weights& weights = m_args.model.weights;
        if (const auto* ofLayer = std::get_if<const Weight * LayerWeights::*>(&entry.spec->place))
            return {&(weights.layers[static_cast<std::size_t>(entry.layerIndex)].*(*ofLayer))};
        if (entry.isEmbedding() && weights.head == weights.embedding)
            return {&weights.embedding, &weights.head};
        return {&(weights.*std::get<const Weight * Weights::*>(entry.spec->place))};
    }

    Result<CoarseMatrix> coarseOf(const GgufTensor& tensor) {
        const std::int64_t nColumns = tensor.shape.front(), nRows = rowCount(tensor.shape);
        const std::int64_t rowsPerMatrix = nRows / matrixCount(tensor.shape);
        SOTTO_ASSIGN(const std::vector<float> weights,
                     m_args.importance.weightsOf(tensor.name, matrixCount(tensor.shape), nColumns));
        CoarseMatrix coarse{.bytes = {}, .type = plainType(tensor.type)};
        const std::size_t bytesPerRow = rowBytes(coarse.type, static_cast<std::size_t>(nColumns));
        coarse.bytes.resize(static_cast<std::size_t>(nRows) * bytesPerRow);
        std::vector<RowLoss> losses(static_cast<std::size_t>(nRows));
        // Of the first bad row, whichever thread meets one first.
        std::mutex mutex;
        std::int64_t badRow = nRows;
        Status status;
        m_pool.parallelFor(nRows, [&](std::int64_t row, int) {
            const auto index = static_cast<std::size_t>(row);
            std::span<const float> importance;
            if (!weights.empty())
                importance = std::span(weights).subspan(
                    static_cast<std::size_t>(row / rowsPerMatrix * nColumns),
                    static_cast<std::size_t>(nColumns));
            Status made = makeRow(tensor, row, importance, losses[index],
                                  std::span(coarse.bytes).subspan(index * bytesPerRow, bytesPerRow),
                                  coarse.type);
            if (made) return;
            const std::lock_guard lock(mutex);
            if (row >= badRow) return;
            badRow = row;
            status = std::move(made);
        });
        SOTTO_TRY(m_args.model.file->checkPages());
        SOTTO_TRY(status);
        RowLoss all;
        for (const RowLoss& row : losses) all += row;
        coarse.loss = all.share();
        return coarse;
    }

    Status makeRow(const GgufTensor& tensor, std::int64_t row, std::span<const float> importance,
                   RowLoss& loss, std::span<std::byte> out, DType outType) const {
        std::vector<std::byte> scratch;
        const auto nColumns = static_cast<std::size_t>(tensor.shape.front());
        std::vector<float> values(nColumns), back(nColumns);
        dequantizeRow(tensor.type, m_args.model.file->rows(tensor, row, 1, scratch), values);
        SOTTO_TRY(checkRowValues(values, {.tensor = tensor.name,
                                          .nColumns = tensor.shape.front(),
                                          .firstRow = row,
                                          .type = DType::F32}));
        const DType type = *coarseType(tensor);
        std::vector<std::byte> codes(rowBytes(type, nColumns));
        quantizeCheckedRows({.type = type,
                             .rows = values,
                             .nColumns = tensor.shape.front(),
                             .importance = importance,
                             // A lattice would be kept, and tell nothing of errors.
                             .method = QuantizeMethod::Nearest},
                            codes);
        dequantizeRow(type, codes, back);
        loss = rowLoss(values, back, importance);
        quantizeCheckedRows(
            {.type = outType, .rows = back, .nColumns = tensor.shape.front(), .importance = {}},
            out);
        return {};
    }

    // The layers between those that were measured, in the logarithm.
    void fillLayers(std::map<std::string, double, std::less<>>& result) const {
        constexpr double kLeast = 1e-12;
        std::map<const WeightSpec*, std::map<std::int32_t, double>> measured;
        for (const WeightEntry& entry : m_args.model.file->table.entries)
            if (const auto found = result.find(entry.tensor->name);
                found != result.end() && entry.layerIndex >= 0)
                measured[entry.spec][entry.layerIndex] = std::log(std::max(kLeast, found->second));
        for (const WeightEntry& entry : m_args.model.file->table.entries) {
            const auto kind = measured.find(entry.spec);
            if (kind == measured.end() || !isTouched(entry) || result.contains(entry.tensor->name))
                continue;
            const auto above = kind->second.upper_bound(entry.layerIndex);
            if (above == kind->second.begin() || above == kind->second.end()) continue;
            const auto below = std::prev(above);
            const double share =
                double(entry.layerIndex - below->first) / double(above->first - below->first);
            result[entry.tensor->name] =
                std::exp(below->second + share * (above->second - below->second));
        }
    }

    const SensitivityRunArgs& m_args;
    ThreadPool m_pool;
    const std::int64_t m_nChunks;
    std::int64_t m_nDone = 0, m_nSteps = 1;
    std::size_t m_nVocab = 0, m_nPositions = 0;
    std::vector<bool> m_isChosen;  // of the scored positions of all chunks
    std::vector<float> m_base;     // [nPositions, nVocab] log-probabilities
    std::vector<float> m_logs;     // [nVocab]
};

}  // namespace

Result<std::map<std::string, double, std::less<>>> measureTensorSensitivity(
    const SensitivityRunArgs& args) {
    return SensitivityRun(args).run();
}

}  // namespace sotto
