// StepInputsBuffer: what differs between two steps (token ids, positions, block tables, output
// rows, how tokens are chosen and the lists of their penalties) in one block of device memory at a
// fixed address, written by one copy per step.
//
// Owns the device block and its page-locked twins. Engine thread; a twin is rewritten when the
// step that it was written for has been awaited.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/device/cuda/cuda_handles.h"
#include "engine/kernels/cuda/device_batch.h"
#include "engine/kernels/cuda/sample.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

class StepInputsBuffer {
public:
    struct Capacity {
        std::int64_t nTokens = 0;
        std::int64_t nSequences = 0;
        std::int64_t nBlocks = 0;  // of one sequence
    };
    static Capacity capacityFor(const KernelLimits& limits);
    static std::size_t bytes(const Capacity& capacity);
    // Errors: OutOfMemory.
    Status reserve(const Capacity& capacity);
    bool holds(const StepInputs& inputs) const;

    // Queues the copy. `positionBucket` rounds DeviceBatch::maxPositions up. Outside of steps the
    // capacity grows as needed. Errors: OutOfMemory, DeviceFailed.
    Status write(const StepInputs& inputs, std::int32_t positionBucket, const Stream& stream);

    const std::int32_t* tokenIds() const {
        return m_device.as<std::int32_t>() + m_offsets.tokenIds;
    }
    const std::int32_t* outputRows() const {
        return m_device.as<std::int32_t>() + m_offsets.outputRows;
    }
    const DeviceChoice* choices() const {
        return reinterpret_cast<const DeviceChoice*>(m_device.as<std::int32_t>() +
                                                     m_offsets.choices);
    }
    // Null where no row of the step is penalized.
    const PenalizedToken* penalized() const {
        if (!m_hasPenalties) return nullptr;
        return reinterpret_cast<const PenalizedToken*>(m_device.as<std::int32_t>() +
                                                       m_offsets.penalized);
    }
    const DeviceBatch& batch() const { return m_batch; }

private:
    struct Offsets {  // in int32
        std::size_t tokenIds = 0, positions = 0, sequenceIndex = 0, outputRows = 0, choices = 0,
                    firstRows = 0, blockIds = 0, penalized = 0, end = 0;
    };
    static Offsets layout(const Capacity& capacity);
    void writeChoices(std::span<const TokenChoice> choices, std::int32_t* host);

    Capacity m_capacity;
    Offsets m_offsets;
    DeviceBuffer m_device;
    std::array<PinnedBuffer, kStepsInFlight> m_hosts;  // in turn: a copy may still be under way
    std::size_t m_turn = 0;
    bool m_hasPenalties = false;
    DeviceBatch m_batch;
};

}  // namespace sotto::cuda
