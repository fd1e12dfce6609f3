#include "engine/kernels/move_keys.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/kernels/kv_rows.h"
#include "engine/tensor/hadamard.h"

namespace sotto {

std::vector<KeyRotation> keyRotations(const KeyMove& move) {
    std::vector<KeyRotation> rotations;
    for (const float frequency : move.frequencies) {
        const double angle = static_cast<double>(move.distance) * static_cast<double>(frequency);
        rotations.push_back(
            {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
    }
    return rotations;
}

KeyMover::KeyMover(const KvRow& row, const KeyMove& move)
    : m_row(row),
      m_kind(move.kind),
      m_rotations(keyRotations(move)),
      m_values(static_cast<std::size_t>(row.dim)) {}

void KeyMover::move(std::byte* stored) {
    if (m_kind == RopeKind::None) return;
    readKvRow(m_row, stored, m_values.data());
    // The transform is its own inverse; writing turns the key again.
    if (m_row.isRotated) turnHead(m_values.data(), m_row.dim);
    const std::size_t nPairs = m_rotations.size();
    const bool isInterleaved = m_kind == RopeKind::Interleaved;
    for (std::size_t pair = 0; pair < nPairs; ++pair) {
        float& first = m_values[isInterleaved ? 2 * pair : pair];
        float& second = m_values[isInterleaved ? 2 * pair + 1 : pair + nPairs];
        const KeyRotation& by = m_rotations[pair];
        const float x = std::exchange(first, first * by.cosine - second * by.sine);
        second = x * by.sine + second * by.cosine;
    }
    writeKvRow(m_row, m_values.data(), stored);
}

void moveKeys(const KvLayerShape& shape, const KeyMove& move, std::int64_t nTokens,
              std::size_t stride, std::byte* blocks) {
    if (move.kind == RopeKind::None) return;
    KeyMover mover(shape.key, move);
    const std::size_t rowBytes = shape.key.bytes();
    for (; nTokens > 0; nTokens -= shape.blockTokens, blocks += stride) {
        const std::int64_t nFilled = std::min<std::int64_t>(nTokens, shape.blockTokens);
        for (std::int64_t head = 0; head < shape.nKvHeads; ++head)
            for (std::int64_t slot = 0; slot < nFilled; ++slot)
                mover.move(blocks +
                           static_cast<std::size_t>(head * shape.blockTokens + slot) * rowBytes);
    }
}

}  // namespace sotto
