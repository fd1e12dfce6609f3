#include "engine/kernels/cpu/kv_tiles.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/check.h"
#include "base/rounding.h"
#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/cpu/kv_codes.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cpu {
namespace {

// Of types whose elements stand alone.
std::int64_t elementBytes(KvType type) { return kvTypeTraits(type).blockBytes; }

// The size of an element is known when it is compiled: a call for each would take longer than the
// drive that a block comes from.
template <std::int64_t kBytes>
void turnElements(const std::byte* source, std::byte* target, std::int64_t nRows,
                  std::int64_t nCols) {
    for (std::int64_t col = 0; col < nCols; ++col)
        for (std::int64_t row = 0; row < nRows; ++row)
            std::memcpy(target + (col * nRows + row) * kBytes,
                        source + (row * nCols + col) * kBytes, kBytes);
}

// source [nRows][nCols] of elements of 2 or 4 bytes -> target [nCols][nRows].
void turn(const std::byte* source, std::byte* target, std::int64_t nRows, std::int64_t nCols,
          std::int64_t bytes) {
    SOTTO_DCHECK(bytes == 2 || bytes == 4);
    if (bytes == 2)
        turnElements<2>(source, target, nRows, nCols);
    else
        turnElements<4>(source, target, nRows, nCols);
}

// Slots for whole groups where rows are coded.
std::int64_t runBytes(const KvRow& row, std::int64_t blockTokens) {
    if (isQuantized(row.type))
        return static_cast<std::int64_t>(row.bytes()) * roundUp(blockTokens, kKvPatchTokens);
    return static_cast<std::int64_t>(row.bytes()) * blockTokens;
}

// Rows of one head, `run` [groups][row.dim / 32] patches <-> canonical [blockTokens] rows.
template <KvType kType, bool kIsKey>
void readCodes(const std::byte* run, std::byte* canonical, std::int64_t dim,
               std::int64_t blockTokens) {
    const std::int64_t canonicalBytes = kvTypeTraits(kType).blockBytes;
    const std::int64_t nBlocks = dim / kKvBlock;
    for (std::int64_t slot = 0; slot < blockTokens; ++slot)
        for (std::int64_t index = 0; index < nBlocks; ++index) {
            const std::byte* patch =
                run + (slot / kKvPatchTokens * nBlocks + index) * kvPatchBytes(kType);
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(patch);
            KvBlockCodes block;
            if constexpr (kIsKey)
                takeKeyBlock(kType, bytes, slot % kKvPatchTokens, block);
            else
                takeValueBlock(kType, bytes, slot % kKvPatchTokens, block);
            packBlock(kType, block,
                      reinterpret_cast<std::uint8_t*>(canonical +
                                                      (slot * nBlocks + index) * canonicalBytes));
        }
}
template <KvType kType, bool kIsKey>
void writeCodes(std::byte* run, const std::byte* canonical, std::int64_t dim,
                std::int64_t blockTokens) {
    const std::int64_t canonicalBytes = kvTypeTraits(kType).blockBytes;
    const std::int64_t nBlocks = dim / kKvBlock;
    for (std::int64_t slot = 0; slot < blockTokens; ++slot)
        for (std::int64_t index = 0; index < nBlocks; ++index) {
            KvBlockCodes block;
            unpackBlock(kType,
                        reinterpret_cast<const std::uint8_t*>(canonical + (slot * nBlocks + index) *
                                                                              canonicalBytes),
                        block);
            std::byte* patch =
                run + (slot / kKvPatchTokens * nBlocks + index) * kvPatchBytes(kType);
            auto* bytes = reinterpret_cast<std::uint8_t*>(patch);
            if constexpr (kIsKey)
                putKeyBlock(kType, bytes, slot % kKvPatchTokens, block);
            else
                putValueBlock(kType, bytes, slot % kKvPatchTokens, block);
        }
}

struct RunForm {
    void (*read)(const std::byte*, std::byte*, std::int64_t, std::int64_t);
    void (*write)(std::byte*, const std::byte*, std::int64_t, std::int64_t);
};
template <bool kIsKey>
RunForm runForm(KvType type) {
    const auto form = [](auto tag) {
        constexpr KvType kType = decltype(tag)::value;
        return RunForm{readCodes<kType, kIsKey>, writeCodes<kType, kIsKey>};
    };
    switch (type) {
        case KvType::Q8_0: return form(std::integral_constant<KvType, KvType::Q8_0>());
        case KvType::Q5_0: return form(std::integral_constant<KvType, KvType::Q5_0>());
        case KvType::Q4_0: return form(std::integral_constant<KvType, KvType::Q4_0>());
        case KvType::F8E4M3: return form(std::integral_constant<KvType, KvType::F8E4M3>());
        case KvType::F8E5M2: return form(std::integral_constant<KvType, KvType::F8E5M2>());
        case KvType::F16:
        case KvType::F32: break;
    }
    return {};
}

std::byte* headOf(const KvTiles& tiles, std::int32_t block, std::int64_t kvHead) {
    return tiles.memory + block * tiles.blockStride + kvHead * tiles.headStride;
}

}  // namespace

KvTiles tilesOf(const KvLayer& layer) {
    const KvLayerShape& shape = layer.shape;
    const auto line = static_cast<std::int64_t>(kCacheAlignment);
    KvTiles tiles;
    tiles.memory = layer.memory;
    tiles.shape = shape;
    tiles.valueOffset = roundUp(runBytes(shape.key, shape.blockTokens), line);
    std::int64_t valueBytes = runBytes(shape.value, shape.blockTokens);
    if (!isQuantized(shape.value.type)) {
        tiles.valueRowBytes = roundUp(shape.value.dim, 16) * elementBytes(shape.value.type);
        valueBytes = tiles.valueRowBytes * shape.blockTokens;
    }
    tiles.headStride = roundUp(tiles.valueOffset + valueBytes, line);
    tiles.blockStride = tiles.headStride * shape.nKvHeads;
    return tiles;
}

std::uint64_t kvTilesBytes(const KvLayerShape& shape, std::int32_t nBlocks) {
    return static_cast<std::uint64_t>(tilesOf({shape}).blockStride) *
           static_cast<std::uint64_t>(nBlocks);
}

void readTiles(const KvTiles& tiles, std::int32_t block, std::int64_t kvHead,
               std::byte* canonical) {
    const KvLayerShape& shape = tiles.shape;
    const KvRow &key = shape.key, &value = shape.value;
    const std::byte* head = headOf(tiles, block, kvHead);
    const std::byte* run = head + tiles.valueOffset;
    std::byte* keys = canonical + keyOffset(shape, kvHead, 0);
    std::byte* values = canonical + valueOffset(shape, kvHead, 0);
    if (isQuantized(key.type))
        runForm<true>(key.type).read(head, keys, key.dim, shape.blockTokens);
    else
        turn(head, keys, key.dim, shape.blockTokens, elementBytes(key.type));
    if (isQuantized(value.type)) {
        runForm<false>(value.type).read(run, values, value.dim, shape.blockTokens);
        return;
    }
    for (std::int64_t slot = 0; slot < shape.blockTokens; ++slot)
        std::memcpy(canonical + valueOffset(shape, kvHead, slot), run + slot * tiles.valueRowBytes,
                    value.bytes());
}

void writeTiles(const KvTiles& tiles, std::int32_t block, std::int64_t kvHead,
                const std::byte* canonical) {
    const KvLayerShape& shape = tiles.shape;
    const KvRow &key = shape.key, &value = shape.value;
    std::byte* head = headOf(tiles, block, kvHead);
    std::byte* run = head + tiles.valueOffset;
    const std::byte* keys = canonical + keyOffset(shape, kvHead, 0);
    const std::byte* values = canonical + valueOffset(shape, kvHead, 0);
    if (isQuantized(key.type))
        runForm<true>(key.type).write(head, keys, key.dim, shape.blockTokens);
    else
        turn(keys, head, shape.blockTokens, key.dim, elementBytes(key.type));
    if (isQuantized(value.type)) {
        runForm<false>(value.type).write(run, values, value.dim, shape.blockTokens);
        return;
    }
    for (std::int64_t slot = 0; slot < shape.blockTokens; ++slot)
        std::memcpy(run + slot * tiles.valueRowBytes, canonical + valueOffset(shape, kvHead, slot),
                    value.bytes());
}

void copyTiles(const KvTiles& tiles, std::int32_t from, std::int32_t to) {
    if (from == to) return;
    std::memcpy(tiles.memory + to * tiles.blockStride, tiles.memory + from * tiles.blockStride,
                static_cast<std::size_t>(tiles.blockStride));
}

}  // namespace sotto::cpu
