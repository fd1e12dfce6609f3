#include "engine/gguf/byte_cursor.h"

#include <fmt/format.h>

#include <limits>

namespace sotto {

std::string printableName(std::string_view name) {
    constexpr std::size_t kMaxShown = 80;  // longer than every real tensor name or key
    std::string shown;
    for (const char letter : name.substr(0, kMaxShown))
        shown += letter >= 0x20 && letter < 0x7f ? letter : '?';
    if (name.size() > kMaxShown) shown += "...";
    return shown;
}

tl::unexpected<Error> damagedFile(std::string_view fileName, std::string_view what) {
    return fail(ErrorCode::FileDamaged,
                fmt::format("{} is damaged: {}; download it again", fileName, what),
                std::string(fileName));
}

Result<std::string_view> ByteCursor::readString(std::string_view what, std::uint64_t maxBytes) {
    SOTTO_ASSIGN(const std::uint64_t length, read<std::uint64_t>(what));
    if (length > remaining()) {
        if (length <= maxBytes) want(length, 1);
        return damagedFile(m_fileName, fmt::format("{} at byte {} claims {} bytes but {} are left",
                                                   what, m_offset, length, remaining()));
    }
    if (length > maxBytes)
        return damagedFile(m_fileName, fmt::format("{} at byte {} claims {} bytes, more than {}",
                                                   what, m_offset, length, maxBytes));
    const auto* const letters = reinterpret_cast<const char*>(m_bytes.data() + m_offset);
    m_offset += length;
    return std::string_view(letters, static_cast<std::size_t>(length));
}

Status ByteCursor::requireItems(std::uint64_t count, std::uint64_t minItemBytes,
                                std::string_view what) {
    if (count > remaining() / minItemBytes) {
        want(count, minItemBytes);
        return damagedFile(m_fileName,
                           fmt::format("{} claims {} items at byte {}, which do not fit into the "
                                       "{} bytes that are left",
                                       what, count, m_offset, remaining()));
    }
    return {};
}

Result<std::span<const std::byte>> ByteCursor::take(std::uint64_t count, std::uint64_t itemBytes,
                                                    std::string_view what) {
    SOTTO_TRY(requireItems(count, itemBytes, what));
    const auto taken = m_bytes.subspan(static_cast<std::size_t>(m_offset),
                                       static_cast<std::size_t>(count * itemBytes));
    m_offset += taken.size();
    return taken;
}

void ByteCursor::want(std::uint64_t count, std::uint64_t itemBytes) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    m_wanted = count > (kMost - m_offset) / itemBytes ? kMost : m_offset + count * itemBytes;
}

tl::unexpected<Error> ByteCursor::cutOff(std::string_view what) const {
    return fail(ErrorCode::FileDamaged,
                fmt::format("{} is cut off: it ends at byte {} in the middle of {}; download it "
                            "again",
                            m_fileName, m_bytes.size(), what),
                m_fileName);
}

}  // namespace sotto
