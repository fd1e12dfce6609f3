#include "engine/kernels/cuda/step_inputs.h"

#include <algorithm>

#include "base/check.h"
#include "base/rounding.h"
#include "engine/device/cuda/cuda_error.h"
#include "engine/kernels/cuda/linear_rows.h"

namespace sotto::cuda {
namespace {

constexpr std::int64_t kChoiceWords = sizeof(DeviceChoice) / sizeof(std::int32_t);
constexpr std::int64_t kPenalizedWords = sizeof(PenalizedToken) / sizeof(std::int32_t);

}  // namespace

StepInputsBuffer::Offsets StepInputsBuffer::layout(const Capacity& capacity) {
    Offsets offsets;
    std::size_t end = 0;
    const auto take = [&end](std::int64_t nValues) {
        const std::size_t begin = end;
        end += (static_cast<std::size_t>(nValues) + 63) / 64 * 64;  // 256 bytes
        return begin;
    };
    offsets.tokenIds = take(capacity.nTokens);
    offsets.positions = take(capacity.nTokens);
    offsets.sequenceIndex = take(capacity.nTokens);
    offsets.outputRows = take(capacity.nTokens);
    offsets.choices = take(kMaxRowTokens * kChoiceWords);
    offsets.firstRows = take(capacity.nSequences + 1);
    offsets.blockIds = take(capacity.nSequences * capacity.nBlocks);
    offsets.penalized = take(std::int64_t{kMaxRowTokens} * kMaxPenalized * kPenalizedWords);
    offsets.end = end;
    return offsets;
}

StepInputsBuffer::Capacity StepInputsBuffer::capacityFor(const KernelLimits& limits) {
    constexpr std::int64_t kBlockTokens = 32;  // of the engine's cache; other tables grow the room
    return {std::max<std::int64_t>(1, limits.maxTokens), kMaxRowTokens,
            ceilDiv(limits.maxContext, kBlockTokens) + 1};
}

std::size_t StepInputsBuffer::bytes(const Capacity& capacity) {
    return layout(capacity).end * sizeof(std::int32_t);
}

Status StepInputsBuffer::reserve(const Capacity& capacity) {
    m_capacity = capacity;
    m_offsets = layout(capacity);
    const std::size_t nBytes = m_offsets.end * sizeof(std::int32_t);
    SOTTO_ASSIGN(m_device, allocateDeviceBuffer(nBytes, "the inputs of a step"));
    for (PinnedBuffer& host : m_hosts) {
        SOTTO_ASSIGN(host, allocatePinnedBuffer(nBytes));
    }
    return {};
}

bool StepInputsBuffer::holds(const StepInputs& inputs) const {
    std::size_t nBlocks = 0;
    for (const BlockTableView& table : inputs.rows.sequences)
        nBlocks = std::max(nBlocks, table.blockIds.size());
    const std::size_t nTokens =
        std::max({inputs.tokenIds.size(), inputs.rows.positions.size(), inputs.outputRows.size()});
    return static_cast<std::int64_t>(nTokens) <= m_capacity.nTokens &&
           static_cast<std::int64_t>(inputs.rows.sequences.size()) <= m_capacity.nSequences &&
           static_cast<std::int64_t>(nBlocks) <= m_capacity.nBlocks;
}

void StepInputsBuffer::writeChoices(std::span<const TokenChoice> choices, std::int32_t* host) {
    SOTTO_DCHECK(choices.size() <= kMaxRowTokens);
    auto* target = reinterpret_cast<DeviceChoice*>(host + m_offsets.choices);
    auto* penalized = reinterpret_cast<PenalizedToken*>(host + m_offsets.penalized);
    std::int32_t nPenalized = 0;
    m_hasPenalties = false;
    for (const TokenChoice& choice : choices) {
        SOTTO_DCHECK(std::ssize(choice.penalized) <= kMaxPenalized);
        DeviceChoice& made = *target++;
        made.uniform = choice.uniform;
        made.temperature = choice.temperature;
        made.topP = choice.topP;
        made.minP = choice.minP;
        made.repeatPenalty = choice.repeatPenalty;
        made.presencePenalty = choice.presencePenalty;
        made.frequencyPenalty = choice.frequencyPenalty;
        made.topK = choice.topK;
        made.isPenalizing = choice.isPenalizing ? 1 : 0;
        made.firstPenalized = nPenalized;
        made.nPenalized = static_cast<std::int32_t>(choice.penalized.size());
        std::copy(choice.penalized.begin(), choice.penalized.end(), penalized + nPenalized);
        nPenalized += made.nPenalized;
        m_hasPenalties |= choice.isPenalizing;
    }
}

Status StepInputsBuffer::write(const StepInputs& inputs, std::int32_t positionBucket,
                               const Stream& stream) {
    const auto nSequences = static_cast<std::int32_t>(inputs.rows.sequences.size());
    if (!holds(inputs)) {
        Capacity grown = m_capacity;
        grown.nTokens = std::max<std::int64_t>({grown.nTokens, std::ssize(inputs.tokenIds),
                                                std::ssize(inputs.rows.positions),
                                                std::ssize(inputs.outputRows)});
        grown.nSequences = std::max<std::int64_t>(grown.nSequences, nSequences);
        for (const BlockTableView& table : inputs.rows.sequences)
            grown.nBlocks = std::max<std::int64_t>(grown.nBlocks, std::ssize(table.blockIds));
        SOTTO_TRY(reserve(grown));
    }
    m_turn = (m_turn + 1) % m_hosts.size();
    auto* host = m_hosts[m_turn].as<std::int32_t>();
    writeChoices(inputs.choices, host);
    std::copy(inputs.tokenIds.begin(), inputs.tokenIds.end(), host + m_offsets.tokenIds);
    std::copy(inputs.outputRows.begin(), inputs.outputRows.end(), host + m_offsets.outputRows);
    const BatchView& rows = inputs.rows;
    std::copy(rows.positions.begin(), rows.positions.end(), host + m_offsets.positions);
    std::copy(rows.sequenceIndex.begin(), rows.sequenceIndex.end(), host + m_offsets.sequenceIndex);

    // Rows of one sequence are consecutive and the sequences in order (BatchView).
    std::int32_t* firstRows = host + m_offsets.firstRows;
    std::int32_t maxPositions = 0;
    std::size_t row = 0;
    m_batch.maxRows = 0;
    for (std::int32_t sequence = 0; sequence < nSequences; ++sequence) {
        firstRows[sequence] = static_cast<std::int32_t>(row);
        while (row < rows.positions.size() && rows.sequenceIndex[row] == sequence)
            maxPositions = std::max(maxPositions, rows.positions[row++] + 1);
        m_batch.maxRows =
            std::max(m_batch.maxRows, static_cast<std::int32_t>(row) - firstRows[sequence]);
        const auto& blockIds = rows.sequences[static_cast<std::size_t>(sequence)].blockIds;
        std::copy(blockIds.begin(), blockIds.end(),
                  host + m_offsets.blockIds + sequence * m_capacity.nBlocks);
    }
    firstRows[nSequences] = static_cast<std::int32_t>(row);

    const auto* device = m_device.as<const std::int32_t>();
    m_batch.positions = device + m_offsets.positions;
    m_batch.sequenceIndex = device + m_offsets.sequenceIndex;
    m_batch.firstRows = device + m_offsets.firstRows;
    m_batch.blockIds = device + m_offsets.blockIds;
    m_batch.tableStride = static_cast<std::int32_t>(m_capacity.nBlocks);
    m_batch.nTokens = static_cast<std::int32_t>(rows.positions.size());
    m_batch.nSequences = nSequences;
    m_batch.maxPositions = std::max(maxPositions, positionBucket);
    const std::size_t used =
        m_hasPenalties
            ? m_offsets.end
            : m_offsets.blockIds + static_cast<std::size_t>(nSequences * m_capacity.nBlocks);
    return check(cudaMemcpyAsync(m_device.data(), m_hosts[m_turn].data(),
                                 used * sizeof(std::int32_t), cudaMemcpyHostToDevice, stream.get()),
                 "sending the inputs of a step");
}

}  // namespace sotto::cuda
