// Keys of some positions, made those of others: RoPE's rotations add up, so a key that lies in a
// cache goes on, or back, by one more of them. What a sliding window does to what it keeps.
//
// Source: Su et al. 2021 (RoPE, R(m) R(n) = R(m + n)); Xiao et al. 2023 (StreamingLLM: positions
// are those within the cache). Each move rounds the key to its type once more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/kernel_set.h"

namespace sotto {

struct KeyRotation {
    float cosine = 1, sine = 0;
};
// Of each pair; the angles in double.
std::vector<KeyRotation> keyRotations(const KeyMove& move);

// Moves rows of one form by one distance; the sines are made once. One thread at a time.
class KeyMover {
public:
    KeyMover(const KvRow& row, const KeyMove& move);

    // stored [row.bytes()], in the canonical form, in place.
    void move(std::byte* stored);

private:
    KvRow m_row;
    RopeKind m_kind;
    std::vector<KeyRotation> m_rotations;
    std::vector<float> m_values;  // [row.dim]
};

// The keys of blocks in the canonical form, [blocks of nTokens][stride], in place; of the last one
// only the slots that are filled.
void moveKeys(const KvLayerShape& shape, const KeyMove& move, std::int64_t nTokens,
              std::size_t stride, std::byte* blocks);

}  // namespace sotto
