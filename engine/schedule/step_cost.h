// StepCost: what a step takes, learnt from those that were finished: a base, which reads the
// weights and goes on with the answers, and so much per row of a prompt.
//
// Both are means in which older steps fade, so that they follow the depth of the sequences, their
// number and what else the machine does. Only says how many rows fit into a time, never where a
// prompt is cut. Plain values; the engine thread.
#pragma once

#include <cstdint>

namespace sotto {

class StepCost {
public:
    // A step with answers, or prompts, or both took `seconds` to compute.
    void note(std::int64_t nPromptRows, double seconds);

    // Seconds of a step with answers alone; 0 before the first.
    double base() const { return m_base.value; }
    // Seconds of a further row of a prompt; 0 before the first.
    double perRow() const { return m_perRow.value; }
    // Seconds that a step may take beside answers: `target`, or base * (1 + (nReading * nAnswering)
    // ^ 2) where that is more. One prompt so slows one answer at most to the half of its pace, who
    // reads it will hardly mind. With more of both, what counts is what all get: rows that come few
    // at a time cost up to twice what they cost in a chunk, and a sequence that is read slowly is
    // missing in the batch of answers.
    double allowance(double target, std::int64_t nReading, std::int64_t nAnswering) const;
    // The rows of prompts with which a step is expected to take no longer than `seconds`; 0 where
    // not one fits, or nothing is known of them.
    std::int64_t rowsWithin(double seconds) const;

private:
    struct FadingMean {
        double value = 0;
        bool isKnown = false;
        void note(double sample);
    };
    FadingMean m_base;
    FadingMean m_perRow;
};

}  // namespace sotto
