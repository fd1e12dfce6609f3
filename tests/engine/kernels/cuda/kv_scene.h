// A layer's cache of any types, on the emulated card and in the canonical form beside it, with a
// step's rows over it (paged_scene.h). What no position has filled is poison on both sides: bytes
// of ones, so that scales and floats are NaN.
#pragma once

#include <QString>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "engine/kernels/cuda/kv_blocks.h"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/kv_rows.h"
#include "engine/kernels/reference/reference_ops.h"
#include "tests/engine/kernels/cuda/paged_scene.h"

namespace sotto::test {

inline constexpr std::byte kPoison{0xff};

struct KvSceneShape {
    KvTypes types;
    std::int32_t headDim = 64;
    std::int32_t nHeads = 2;
    std::int32_t nKvHeads = 1;
    std::int32_t blockTokens = 32;
};

// What a type's rounding may do to an element, as a part of the largest of its 32: half a step of
// its codes, or of its floats' at the top.
inline double halfStepOf(KvType type) {
    switch (type) {
        case KvType::Q8_0: return 0.5 / 127;
        case KvType::Q5_0: return 0.5 / 16;
        case KvType::Q4_0: return 0.5 / 8;
        case KvType::F8E4M3: return 16.0 / 448;
        case KvType::F8E5M2: return 4096.0 / 57344;
        case KvType::F16: return 0x1p-12;
        default: return 0x1p-25;
    }
}

class KvScene {
public:
    KvScene(const KvSceneShape& description, std::vector<SequenceShape> sequences)
        : paged({KvType::F16, description.blockTokens, description.nHeads, description.nKvHeads, 4},
                std::move(sequences), 11) {
        layer.shape = kvLayerShape(description.nKvHeads, description.headDim, description.types);
        layer.shape.blockTokens = description.blockTokens;
        layer.nBlocks = static_cast<std::int32_t>(
            std::ssize(paged.keys) /
            (8 * std::int64_t{description.nKvHeads} * description.blockTokens));
        m_canonical.assign(at(layer.nBlocks) * layer.shape.blockBytes(), kPoison);
        m_card.assign(cuda::kvPlanesBytes(layer.shape, layer.nBlocks) + kCacheAlignment, kPoison);
    }

    KvLayer canonical() {
        KvLayer result = layer;
        result.memory = m_canonical.data();
        return result;
    }
    KvLayer card() {
        KvLayer result = layer;
        const auto address = reinterpret_cast<std::uintptr_t>(m_card.data());
        result.memory = m_card.data() + (kCacheAlignment - address % kCacheAlignment);
        return result;
    }
    cuda::KvPlanes planes() { return cuda::planesOf(card()); }

    // Every block of one side in the other's form.
    void toCard() { moveBlocks(true); }
    void fromCard() { moveBlocks(false); }

    const std::vector<std::byte>& canonicalBytes() const { return m_canonical; }

    // Of the canonical form, as it is stored.
    std::vector<float> row(bool isValue, std::int32_t sequence, std::int32_t position,
                           std::int32_t kvHead) {
        const KvRow& form = isValue ? layer.shape.value : layer.shape.key;
        std::vector<float> elements(at(form.dim));
        readKvRow(form, rowAt(isValue, sequence, position, kvHead), elements.data());
        return elements;
    }
    std::byte* rowAt(bool isValue, std::int32_t sequence, std::int32_t position,
                     std::int32_t kvHead) {
        std::vector<BlockTableView> tables;
        paged.hostBatch(tables);
        const BlockTableView& table = tables[at(sequence)];
        return isValue ? reference::valueRow(canonical(), table, position, kvHead)
                       : reference::keyRow(canonical(), table, position, kvHead);
    }

    PagedScene paged;  // of positions and block tables; its own cache is not used
    KvLayer layer;

private:
    void moveBlocks(bool isToCard) {
        const cuda::KvPlanes all = planes();
        const std::size_t nRows = at(layer.shape.nKvHeads) * at(layer.shape.blockTokens);
        for (std::int32_t block = 0; block < layer.nBlocks; ++block) {
            std::byte* const canonicalBlock =
                m_canonical.data() + at(block) * layer.shape.blockBytes();
            moveSide(isToCard, cuda::partsOf(all.keys, nRows), layer.shape.key, block,
                     canonicalBlock);
            moveSide(isToCard, cuda::partsOf(all.values, nRows), layer.shape.value, block,
                     canonicalBlock + layer.shape.keyBlockBytes());
        }
    }
    void moveSide(bool isToCard, const cuda::KvParts& parts, const KvRow& row, std::int32_t block,
                  std::byte* canonicalSide) {
        const auto place = [&](std::size_t part) {
            return parts[part].data + at(block) * parts[part].blockBytes;
        };
        if (!isQuantized(row.type)) {
            if (isToCard)
                std::memcpy(place(0), canonicalSide, parts[0].blockBytes);
            else
                std::memcpy(canonicalSide, place(0), parts[0].blockBytes);
            return;
        }
        const std::size_t nGroups = parts[2].blockBytes / 2;
        const cuda::KvPartBytes bytes{.codes = place(0),
                                      .fifths = parts[1].blockBytes > 0 ? place(1) : nullptr,
                                      .scales = place(2)};
        if (isToCard)
            cuda::fromCanonical(row.type, nGroups, canonicalSide, bytes);
        else
            cuda::toCanonical(row.type, nGroups, bytes, canonicalSide);
    }

    std::vector<std::byte> m_canonical, m_card;
};

inline QString nameOf(const KvSceneShape& shape) {
    return QStringLiteral("%1, %2 dims")
        .arg(QString::fromStdString(kvTypesText(shape.types)))
        .arg(shape.headDim);
}

}  // namespace sotto::test
