// Reads memory as fast as this instruction set can and does nothing with it: the roof that the
// kernels are judged by, so it asks for memory the way they do, only more of it.
//
// Shapes: `nBytes` bytes from `data`, a multiple of nStreams * kReadStepBytes, 64-byte aligned.
// Each of 1, 2, 4 or 8 streams walks a part of them forward: how many keep the most requests under
// way differs between processors. Returns the bits of all bytes or-ed into 64, so that nothing of
// the reading can be left out.
#pragma once

#include "engine/kernels/cpu/isa/linear_packed.inl.h"
#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

template <class V, int kStreams>
std::uint64_t readStreams(const std::byte* data, std::int64_t nBytes) {
    const std::int64_t streamBytes = nBytes / kStreams;
    typename V::B seen[kStreams];
    for (int stream = 0; stream < kStreams; ++stream)
        seen[stream] = V::loadBytes(data + stream * streamBytes);
    for (std::int64_t offset = 0; offset < streamBytes; offset += kReadStepBytes) {
        for (int stream = 0; stream < kStreams; ++stream) {
            const std::byte* const from = data + stream * streamBytes + offset;
            for (int line = 0; line < kReadStepBytes; line += 64) {
                fetchLine(from + line + kPrefetchBytes);
                seen[stream] = V::orBytes(seen[stream], V::loadBytes(from + line));
            }
        }
    }
    std::uint64_t words[8], all = 0;
    for (const typename V::B& part : seen) {
        V::storeBytes(words, part);
        for (const std::uint64_t word : words) all |= word;
    }
    return all;
}

template <class V>
std::uint64_t readMemory(const std::byte* data, std::int64_t nBytes, int nStreams) {
    switch (nStreams) {
        case 8: return readStreams<V, 8>(data, nBytes);
        case 4: return readStreams<V, 4>(data, nBytes);
        case 2: return readStreams<V, 2>(data, nBytes);
        default: return readStreams<V, 1>(data, nBytes);
    }
}

}  // namespace sotto::cpu
