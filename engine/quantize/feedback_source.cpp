#include "engine/quantize/feedback_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// What the matrices of a layer that are multiplied with one input are called, one for all.
std::string inputsName(const QuantizedTensor& tensor) {
    struct Shared {
        std::string_view part, first;
    };
    constexpr std::array kShared{Shared{".attn_k.", ".attn_q."}, Shared{".attn_v.", ".attn_q."},
                                 Shared{".ffn_up.", ".ffn_gate."},
                                 Shared{".ffn_up_exps.", ".ffn_gate_exps."},
                                 Shared{".ffn_up_shexp.", ".ffn_gate_shexp."}};
    std::string name = tensor.name;
    for (const Shared& shared : kShared)
        if (const auto place = name.find(shared.part); place != name.npos)
            name.replace(place, shared.part.size(), shared.first);
    return fmt::format("{}|{}|{}", name, tensor.shape.front(), matrixCount(tensor.shape));
}

}  // namespace

std::uint64_t FeedbackSource::limitBytes(std::uint64_t availableBytes, std::uint64_t modelBytes,
                                         std::int64_t nWidest) {
    const std::uint64_t taken = modelBytes + InputProducts::factorBytes(nWidest);
    return (availableBytes - std::min(availableBytes, taken)) / 2;
}

Status FeedbackSource::checkMemory(const QuantizedTensor& widest, std::uint64_t availableBytes) {
    const std::int64_t nColumns = widest.shape.front();
    const std::uint64_t needed =
        InputProducts::bytes(nColumns) + InputProducts::factorBytes(nColumns);
    if (needed <= availableBytes) return {};
    Error error{ErrorCode::OutOfMemory,
                fmt::format("The method gptq needs {} bytes for the {} columns of '{}', and {} "
                            "bytes of memory are free: close other programs or choose the method "
                            "search.",
                            needed, nColumns, printableName(widest.name), availableBytes),
                widest.name};
    error.needed = needed;
    error.available = availableBytes;
    return fail(std::move(error));
}

std::uint64_t FeedbackSource::mostBytes(std::span<const QuantizedTensor> tensors,
                                        const std::function<bool(const QuantizedTensor&)>& isWanted,
                                        std::uint64_t limitBytes, std::uint64_t modelBytes) {
    std::map<std::string, std::uint64_t> byInputs;
    std::int64_t nWidest = 0;
    for (const QuantizedTensor& tensor : tensors) {
        if (!isWanted(tensor)) continue;
        nWidest = std::max(nWidest, tensor.shape.front());
        byInputs[inputsName(tensor)] = InputProducts::bytes(tensor.shape.front()) *
                                       static_cast<std::uint64_t>(matrixCount(tensor.shape));
    }
    if (byInputs.empty()) return 0;
    std::uint64_t all = 0;
    for (const auto& [inputs, bytes] : byInputs) all += bytes;
    // One sum is there however little may be.
    const std::uint64_t held = std::max(std::min(all, limitBytes), InputProducts::bytes(nWidest));
    return modelBytes + held + InputProducts::factorBytes(nWidest);
}

FeedbackSource::FeedbackSource(InputReader& reader, ThreadPool& pool,
                               std::span<const QuantizedTensor> tensors,
                               const std::function<bool(const QuantizedTensor&)>& isWanted,
                               std::uint64_t limitBytes)
    : m_reader(reader), m_pool(pool) {
    std::map<std::pair<std::string, std::int64_t>, std::size_t> inGroup;
    std::uint64_t groupBytes = 0;
    for (std::size_t index = 0; index < tensors.size(); ++index) {
        const QuantizedTensor& tensor = tensors[index];
        if (!isWanted(tensor)) continue;
        const std::uint64_t bytes = InputProducts::bytes(tensor.shape.front());
        for (std::int64_t matrix = 0; matrix < matrixCount(tensor.shape); ++matrix) {
            const std::pair key{inputsName(tensor), matrix};
            auto found = inGroup.find(key);
            if (found == inGroup.end()) {
                if (!inGroup.empty() && groupBytes + bytes > limitBytes) {
                    inGroup.clear();
                    groupBytes = 0;
                    ++m_nGroups;
                }
                found = inGroup.emplace(key, m_inputs.size()).first;
                groupBytes += bytes;
                m_inputs.push_back({.wish = {tensor.name, static_cast<std::int32_t>(matrix)},
                                    .nColumns = tensor.shape.front(),
                                    .group = m_nGroups,
                                    .products = {},
                                    .feedback = {}});
            }
            m_needs[{index, matrix}] = found->second;
        }
    }
    if (!inGroup.empty()) ++m_nGroups;
}

Result<const ErrorFeedback*> FeedbackSource::of(std::size_t tensorIndex, std::int64_t matrix,
                                                const QuantizeSink& sink) {
    const auto need = m_needs.find({tensorIndex, matrix});
    SOTTO_CHECK(need != m_needs.end());
    Inputs& inputs = m_inputs[need->second];
    const std::string& tensor = inputs.wish.tensor;
    if (inputs.group != m_group) SOTTO_TRY(readGroup(inputs.group, sink, tensor));
    if (inputs.products) {
        const std::int64_t nTokens = m_reader.nTokens();
        const QuantizeProgress progress{
            .phase = QuantizeProgress::Phase::Calibrating,
            .doneBytes = static_cast<std::uint64_t>((m_group + 1) * nTokens),
            .totalBytes = static_cast<std::uint64_t>(m_nGroups * nTokens),
            .tensor = tensor};
        auto feedback =
            inputs.products->takeFeedback(m_pool, [&] { return !sink || sink(progress); });
        inputs.products.reset();
        if (!feedback && feedback.error().code == ErrorCode::FileDamaged)
            return fail(ErrorCode::FileDamaged,
                        fmt::format("What comes to '{}' on this text cannot be told apart: choose "
                                    "another text, or get another file of this model.",
                                    printableName(tensor)),
                        tensor);
        SOTTO_ASSIGN(inputs.feedback, std::move(feedback));
    }
    return inputs.feedback ? &*inputs.feedback : nullptr;
}

Status FeedbackSource::readGroup(std::int64_t group, const QuantizeSink& sink,
                                 std::string_view tensor) {
    std::vector<InputWish> wishes;
    for (Inputs& inputs : m_inputs) {
        inputs.feedback.reset();
        if (inputs.group != group) continue;
        inputs.products.emplace(inputs.nColumns);
        inputs.wish.products = &*inputs.products;
        wishes.push_back(inputs.wish);
    }
    m_group = group;
    const std::int64_t nTokens = m_reader.nTokens();
    SOTTO_TRY(m_reader.read(wishes, m_pool, [&](std::int64_t nDone) {
        return !sink || sink({.phase = QuantizeProgress::Phase::Calibrating,
                              .doneBytes = static_cast<std::uint64_t>(group * nTokens + nDone),
                              .totalBytes = static_cast<std::uint64_t>(m_nGroups * nTokens),
                              .tensor = tensor});
    }));
    for (Inputs& inputs : m_inputs)
        if (inputs.products && inputs.products->nRows() < inputs.nColumns) inputs.products.reset();
    return {};
}

}  // namespace sotto
