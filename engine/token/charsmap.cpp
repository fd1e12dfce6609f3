#include "engine/token/charsmap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sotto {

namespace {

constexpr std::size_t kMaxTrieBytes = std::size_t{1} << 24;
// The longest replacement in Unicode's own tables has 33 bytes (U+FDFA). Without a limit one
// character of a prompt could become megabytes.
constexpr std::size_t kMaxReplacementBytes = 1024;
// The library keeps this many matches of one place in the text and reads all that were reported.
constexpr int kMaxMatches = 32;

tl::unexpected<Error> damaged(std::string_view why) {
    return fail(ErrorCode::FileDamaged,
                fmt::format("The vocabulary's character map is damaged: {}.", why),
                "tokenizer.ggml.precompiled_charsmap");
}

std::uint32_t readU32(std::string_view bytes, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index) {
        const auto byte = static_cast<unsigned char>(bytes[offset + index]);
        value |= static_cast<std::uint32_t>(byte) << (8 * index);
    }
    return value;
}

// A unit's fields. Children of a unit stand at base ^ byte, its value at base itself.
bool hasLeaf(std::uint32_t unit) { return ((unit >> 8U) & 1U) != 0; }
std::uint32_t offsetOf(std::uint32_t unit) { return (unit >> 10U) << ((unit & (1U << 9U)) >> 6U); }
bool isChild(std::uint32_t unit, std::uint32_t byte) { return (unit & 0x800000FFU) == byte; }

// Walks all that the library could reach from the root. Units may share their children (equal
// endings are stored once), so each base is walked once and remembers its result.
class TrieWalk {
public:
    TrieWalk(std::string_view trie, std::size_t nReplacementBytes)
        : m_nReplacementBytes(nReplacementBytes), m_units(trie.size() / 4) {
        for (std::size_t index = 0; index < m_units.size(); ++index) {
            m_units[index] = readU32(trie, 4 * index);
        }
        m_matches.assign(m_units.size(), kUnseen);
    }

    Status run() {
        if (m_units.empty()) return damaged("its trie is empty");
        SOTTO_TRY(open(offsetOf(m_units[0])));
        while (!m_path.empty()) SOTTO_TRY(advance());
        return {};
    }

private:
    static constexpr std::int8_t kUnseen = -2;
    static constexpr std::int8_t kOpen = -1;
    struct Place {
        std::uint32_t base = 0;
        std::uint32_t nextByte = 0;
        int nMatches = 0;  // most matches on any way down from here
    };

    Status open(std::uint32_t base) {
        if ((base | 0xFFU) >= m_units.size()) return damaged("its trie points outside itself");
        m_matches[base] = kOpen;
        m_path.push_back({base, 0, 0});
        return {};
    }

    // One child of the innermost place; closes the place after its last.
    Status advance() {
        Place& place = m_path.back();
        if (place.nextByte == 256) {
            m_matches[place.base] = static_cast<std::int8_t>(place.nMatches);
            m_path.pop_back();
            return {};
        }
        const std::uint32_t index = place.base ^ place.nextByte;
        const std::uint32_t unit = m_units[index];
        if (!isChild(unit, place.nextByte)) {
            ++place.nextByte;
            return {};
        }
        const std::uint32_t base = index ^ offsetOf(unit);
        if (base >= m_units.size() || m_matches[base] == kUnseen) return open(base);
        if (m_matches[base] == kOpen) return damaged("its trie has no end");
        if (hasLeaf(unit) && (m_units[base] & 0x7FFFFFFFU) >= m_nReplacementBytes) {
            return damaged("a replacement lies outside of it");
        }
        place.nMatches = std::max(place.nMatches, m_matches[base] + (hasLeaf(unit) ? 1 : 0));
        if (place.nMatches >= kMaxMatches) return damaged("too many entries begin alike");
        ++place.nextByte;
        return {};
    }

    std::size_t m_nReplacementBytes = 0;
    std::vector<std::uint32_t> m_units;
    std::vector<std::int8_t> m_matches;  // per base, or kUnseen, kOpen
    std::vector<Place> m_path;
};

Status checkReplacements(std::string_view replacements) {
    if (replacements.empty() || replacements.back() != '\0') {
        return damaged("its last replacement has no end");
    }
    for (std::size_t start = 0; start < replacements.size();) {
        const std::size_t end = replacements.find('\0', start);
        if (end - start > kMaxReplacementBytes) return damaged("a replacement is too long");
        start = end + 1;
    }
    return {};
}

}  // namespace

Status checkCharsmap(std::string_view charsmap) {
    if (charsmap.size() < 4) return damaged("it is too short");
    const std::size_t nTrieBytes = readU32(charsmap, 0);
    if (nTrieBytes % 4 != 0 || nTrieBytes > charsmap.size() - 4) {
        return damaged("its trie does not fit into it");
    }
    if (nTrieBytes > kMaxTrieBytes) return damaged("its trie is larger than 16 MiB");
    const std::string_view replacements = charsmap.substr(4 + nTrieBytes);
    SOTTO_TRY(checkReplacements(replacements));
    return TrieWalk(charsmap.substr(4, nTrieBytes), replacements.size()).run();
}

}  // namespace sotto
