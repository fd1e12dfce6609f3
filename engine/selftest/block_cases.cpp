// readBlocks, writeBlocks and copyBlock: a cache's blocks come out as they went in, byte for byte,
// of every format and of keys and values that differ, whatever layout the set has between.
#include <algorithm>
#include <cstring>
#include <string>

#include "engine/selftest/case_data.h"

namespace sotto::selftest {
namespace {

constexpr std::int32_t kBlocks = 6;
// Bytes between two blocks in host memory that nobody may touch.
constexpr std::size_t kGap = 5;

std::vector<std::byte> randomBytes(Random& random, std::size_t nBytes) {
    std::vector<std::byte> bytes(nBytes);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
    return bytes;
}

// What a cache should hold, kept in the canonical form.
class Model {
public:
    Model(const KvLayerShape& shape, std::vector<std::byte> bytes)
        : m_shape(shape), m_bytes(std::move(bytes)) {}

    const std::vector<std::byte>& bytes() const { return m_bytes; }
    std::byte* block(std::int32_t id) {
        return m_bytes.data() + static_cast<std::size_t>(id) * m_shape.blockBytes();
    }
    void copy(std::int32_t from, std::int32_t to) {
        std::memcpy(block(to), block(from), m_shape.blockBytes());
    }
    void write(const KvBlocks& blocks, const std::byte* from) {
        for (std::size_t index = 0; index < blocks.ids.size(); ++index)
            std::memcpy(block(blocks.ids[index]), from + index * blocks.stride,
                        m_shape.blockBytes());
    }
    // Row by row, as the canonical form is defined.
    void read(const KvBlocks& blocks, std::byte* out) {
        for (std::size_t index = 0; index < blocks.ids.size(); ++index) {
            const std::byte* from = block(blocks.ids[index]);
            std::byte* to = out + index * blocks.stride;
            for (const KvRow& row : {m_shape.key, m_shape.value})
                for (std::int32_t kvHead = 0; kvHead < m_shape.nKvHeads; ++kvHead)
                    for (std::int32_t slot = 0; slot < m_shape.blockTokens; ++slot) {
                        const auto position =
                            static_cast<std::int64_t>(index) * m_shape.blockTokens + slot;
                        if (position < blocks.nTokens)
                            std::memcpy(to, from, row.bytes());
                        else
                            std::memset(to, 0, row.bytes());
                        from += row.bytes();
                        to += row.bytes();
                    }
        }
    }

private:
    KvLayerShape m_shape;
    std::vector<std::byte> m_bytes;
};

SelftestResult compare(const char* what, const std::vector<std::byte>& expected,
                       const std::vector<std::byte>& actual) {
    const auto [place, other] = std::mismatch(expected.begin(), expected.end(), actual.begin());
    if (place == expected.end()) return {true, 0, 0, {}};
    return {false, 0, 0,
            std::string(what) + " differently from byte " +
                std::to_string(place - expected.begin()) + " on"};
}

SelftestResult runBlocks(KernelSet& subject, const KvLayerShape& shape) {
    Random random(23);
    const std::size_t stride = shape.blockBytes() + kGap;
    const auto cache = DeviceCache::make(subject, shape, kBlocks);
    if (!cache) return couldNotRun(cache.error());
    Model model(shape, randomBytes(random, kBlocks * shape.blockBytes()));

    const std::vector<std::int32_t> written{4, 0, 3}, read{1, 3, 0, 5};
    const std::vector<std::byte> from = randomBytes(random, written.size() * stride);
    const KvBlocks writing{written, std::ssize(written) * shape.blockTokens, stride};
    // The third block is partly filled, the last not at all.
    const KvBlocks reading{read, 2 * shape.blockTokens + shape.blockTokens / 3, stride};
    std::vector<std::byte> actual = randomBytes(random, read.size() * stride);
    std::vector<std::byte> expected = actual;
    std::vector<std::byte> all(model.bytes().size());
    const auto run = [&]() -> Status {
        SOTTO_TRY(cache->write(model.bytes()));
        SOTTO_TRY(subject.writeBlocks(cache->layer(), writing, from.data()));
        SOTTO_TRY(subject.copyBlock(cache->layer(), 4, 1));
        SOTTO_TRY(subject.copyBlock(cache->layer(), 2, 2));
        SOTTO_TRY(subject.readBlocks(cache->layer(), reading, actual.data()));
        return cache->read(all);
    };
    if (const Status ran = run(); !ran) return couldNotRun(ran.error());
    model.write(writing, from.data());
    model.copy(4, 1);
    model.read(reading, expected.data());

    SelftestResult result = compare("read", expected, actual);
    return result.ok ? compare("held", model.bytes(), all) : result;
}

std::string rowName(const KvRow& row) {
    return std::string(kvTypeTraits(row.type).name) + " of " + std::to_string(row.dim);
}

}  // namespace

void addBlockCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    // The last ones no kernel computes with: what is kept must come back all the same.
    const KvLayerShape table[] = {
        {2, {KvType::F16, 64}, {KvType::F16, 64}},
        {3, {KvType::F32, 80}, {KvType::F32, 80}},
        {1, {KvType::F16, 24}, {KvType::F16, 24}, 8},
        {2, {KvType::F16, 7}, {KvType::F16, 5}, 12},
        {1, {KvType::F16, 576}, {KvType::F16, 512}},
        {2, {KvType::F32, 32}, {KvType::F16, 48}, 16},
        {2, {KvType::Q8_0, 64}, {KvType::Q4_0, 96}},
        {1, {KvType::Q5_0, 32}, {KvType::Q8_0, 64}},
        {3, {KvType::Q4_0, 96}, {KvType::Q5_0, 32}},
        {2, {KvType::F16, 64}, {KvType::Q8_0, 64}},
        {1, {KvType::F8E4M3, 64}, {KvType::F8E5M2, 128}},
        {2, {KvType::Q8_0, 32}, {KvType::Q5_0, 64}, 64},
    };
    for (const KvLayerShape& shape : table)
        cases.push_back({"cache blocks, " + std::to_string(shape.nKvHeads) + " heads, keys " +
                             rowName(shape.key) + ", values " + rowName(shape.value) +
                             ", blocks of " + std::to_string(shape.blockTokens),
                         [&subject, shape] { return runBlocks(subject, shape); }});
}

}  // namespace sotto::selftest
