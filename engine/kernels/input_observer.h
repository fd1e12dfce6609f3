// InputObserver: told what matrices are multiplied with, to measure how much each of their columns
// matters (engine/api/imatrix.h).
//
// A seam of its own beside KernelSet, which stays what a forward pass needs: only the processor's
// set tells, and is asked by dynamic_cast.
#pragma once

#include <cstdint>

namespace sotto {

class Weight;

class InputObserver {
public:
    virtual ~InputObserver() = default;

    // x: [nRows, weight.nCols], about to be multiplied with the matrix, or with number `matrix` of
    // a stack. On the thread that submits the step, which waits.
    virtual void onInput(const Weight& weight, std::int32_t matrix, const float* x,
                         std::int64_t nRows) = 0;
};

// A KernelSet that tells.
class InputTeller {
public:
    virtual ~InputTeller() = default;

    // From the next step on; the observer outlives them. Null: nobody.
    virtual void observeInputs(InputObserver* observer) = 0;
};

}  // namespace sotto
