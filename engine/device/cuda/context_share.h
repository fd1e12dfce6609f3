// ContextShare: a share in a card's context, which this process has once, whoever works there: two
// models, an evaluation beside the window's model, a benchmark.
//
// Held by whoever makes memory, streams or recordings on the card, and outlives them. Throwing a
// failed context away takes what everybody made in it, so that happens when the last share goes;
// until then the others' calls fail too, and each of them ends in order. Any thread.
#pragma once

#include <vector>

#include "engine/device/cuda/cuda_device.h"

namespace sotto::cuda {

class ContextShare {
public:
    explicit ContextShare(CudaDevice device);
    ~ContextShare();
    ContextShare(const ContextShare&) = delete;
    ContextShare& operator=(const ContextShare&) = delete;

    // The context reported a failure that stays.
    void noteFailure();

private:
    CudaDevice m_device;
};

// Indices of the cards whose failed context somebody still holds: until it goes the runtime answers
// everything that is asked of that card with the failure.
std::vector<int> failedContexts();

}  // namespace sotto::cuda
