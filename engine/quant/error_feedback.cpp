#include "engine/quant/error_feedback.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "engine/quant/block_codes.h"
#include "engine/quant/lattice.h"
#include "engine/quant/panel_product.h"
#include "engine/quant/quantize.h"

namespace sotto {
namespace {

// All rows of a call, block of columns by block of columns.
template <typename Block>
class FeedbackRun {
public:
    explicit FeedbackRun(const FeedbackArgs& args, std::span<std::byte> out)
        : m_args(args),
          m_nColumns(args.feedback.nColumns),
          m_nRows(static_cast<std::int64_t>(args.rows.size()) / m_nColumns),
          m_out(out),
          m_errors(args.rows.size()),
          m_updated(static_cast<std::size_t>(m_nRows) * kWeights) {}

    void run() {
        for (std::int64_t first = 0; first < m_nColumns; first += kWeights) {
            takeOverErrors(first);
            for (std::int64_t row = 0; row < m_nRows; ++row) makeBlock(row, first);
        }
    }

private:
    static constexpr int kWeights = BlockCodes<Block>::kWeights;

    // What the block's weights are to be, for the errors of all columns before it.
    void takeOverErrors(std::int64_t first) {
        for (std::int64_t row = 0; row < m_nRows; ++row)
            std::memcpy(updated(row), m_args.rows.data() + row * m_nColumns + first,
                        kWeights * sizeof(float));
        addPanelProduct({.c = m_updated.data(),
                         .cStride = kWeights,
                         .a = m_errors.data(),
                         .aRowStride = m_nColumns,
                         .aStepStride = 1,
                         .b = m_args.feedback.passed.data() + first,
                         .bStride = m_nColumns,
                         .nRows = m_nRows,
                         .nColumns = kWeights,
                         .nSteps = first},
                        m_args.isa);
    }

    void makeBlock(std::int64_t row, std::int64_t first) {
        const auto nBlocks = static_cast<std::size_t>(m_nColumns / kWeights);
        const auto place =
            static_cast<std::size_t>(row) * nBlocks + static_cast<std::size_t>(first / kWeights);
        const auto bytes = m_out.subspan(place * sizeof(Block), sizeof(Block));
        float* const weights = updated(row);
        if (keepLattice(row, first, bytes)) return;
        quantizeCheckedRows(argsOf({weights, kWeights}, first), bytes);
        Block block;
        std::memcpy(&block, bytes.data(), sizeof block);
        const BlockCodes<Block> codes(block);
        clearCodes(block);
        const float* const original = m_args.rows.data() + row * m_nColumns + first;
        float* const errors = m_errors.data() + row * m_nColumns + first;
        for (int position = 0; position < kWeights; ++position) {
            const int code = codes.nearest(position, weights[position]);
            BlockCodes<Block>::put(block, position, code);
            const float error = original[position] - codes.meaning(position, code);
            errors[position] = error;
            const float* const passed =
                m_args.feedback.passed.data() + (first + position) * m_nColumns + first;
            for (int later = position + 1; later < kWeights; ++later)
                weights[later] += error * passed[later];
        }
        std::memcpy(bytes.data(), &block, sizeof block);
    }

    QuantizeArgs argsOf(std::span<const float> weights, std::int64_t first) const {
        return {.type = m_args.type,
                .rows = weights,
                .nColumns = kWeights,
                .importance = std::span(m_args.feedback.importance)
                                  .subspan(static_cast<std::size_t>(first), kWeights),
                .stored = m_args.stored,
                .isa = m_args.isa};
    }

    // A block that lies on a lattice (lattice.h) as it was stored is written as it is, whatever was
    // lost before it. What storing it has rounded away is no error: were that passed on, no later
    // block would be found on its own lattice. False: it lies on none, and nothing is done.
    bool keepLattice(std::int64_t row, std::int64_t first, std::span<std::byte> bytes) {
        if constexpr (kWeights == kSmallBlock) {
            const auto range = latticeOf(m_args.type);
            const auto original =
                m_args.rows.subspan(static_cast<std::size_t>(row * m_nColumns + first))
                    .template first<kSmallBlock>();
            if (!range || !latticeScale(original, *range, m_args.stored)) return false;
            quantizeCheckedRows(argsOf(original, first), bytes);
            std::fill_n(m_errors.data() + row * m_nColumns + first, kWeights, 0.0f);
            return true;
        }
        return false;
    }

    float* updated(std::int64_t row) { return m_updated.data() + row * kWeights; }

    const FeedbackArgs& m_args;
    const std::int64_t m_nColumns;
    const std::int64_t m_nRows;
    const std::span<std::byte> m_out;
    std::vector<float> m_errors;   // [nRows, nColumns]: what a weight was less what it is
    std::vector<float> m_updated;  // [nRows, kWeights] of the block at work
};

template <typename Block>
void runFeedback(const FeedbackArgs& args, std::span<std::byte> out) {
    FeedbackRun<Block>(args, out).run();
}

struct FeedbackType {
    DType type;
    void (*run)(const FeedbackArgs& args, std::span<std::byte> out);
};

constexpr std::array kFeedbackTypes{
    FeedbackType{DType::Q8_0, runFeedback<BlockQ8_0>},
    FeedbackType{DType::Q4_0, runFeedback<BlockQ4_0>},
    FeedbackType{DType::Q4_1, runFeedback<BlockQ4_1>},
    FeedbackType{DType::Q5_0, runFeedback<BlockQ5_0>},
    FeedbackType{DType::Q5_1, runFeedback<BlockQ5_1>},
    FeedbackType{DType::Q2_K, runFeedback<BlockQ2_K>},
    FeedbackType{DType::Q3_K, runFeedback<BlockQ3_K>},
    FeedbackType{DType::Q4_K, runFeedback<BlockQ4_K>},
    FeedbackType{DType::Q5_K, runFeedback<BlockQ5_K>},
    FeedbackType{DType::Q6_K, runFeedback<BlockQ6_K>},
    FeedbackType{DType::IQ4_NL, runFeedback<BlockIQ4_NL>},
    FeedbackType{DType::IQ4_XS, runFeedback<BlockIQ4_XS>},
};

const FeedbackType* feedbackType(DType type) {
    for (const FeedbackType& one : kFeedbackTypes)
        if (one.type == type) return &one;
    return nullptr;
}

}  // namespace

bool hasErrorFeedback(DType type) { return feedbackType(type) != nullptr; }

void quantizeRowsWithFeedback(const FeedbackArgs& args, std::span<std::byte> out) {
    const FeedbackType* const type = feedbackType(args.type);
    SOTTO_CHECK(type != nullptr);
    const auto nColumns = static_cast<std::size_t>(args.feedback.nColumns);
    SOTTO_CHECK(nColumns % static_cast<std::size_t>(dtypeTraits(args.type).blockElements) == 0);
    SOTTO_CHECK(args.rows.size() % nColumns == 0);
    SOTTO_CHECK(args.feedback.passed.size() == nColumns * nColumns);
    SOTTO_CHECK(args.feedback.importance.size() == nColumns);
    SOTTO_CHECK(out.size() == rowBytes(args.type, args.rows.size()));
    type->run(args, out);
}

}  // namespace sotto
