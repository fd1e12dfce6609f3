// ByteCursor: reads a span front to back and can only fail through Result.
//
// Every length is compared with the bytes that remain before anything is read or allocated; no sum
// or product is formed that could wrap. Borrows the span. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace sotto {

// The name as it may stand in a message: control and non-ASCII bytes replaced, long names cut.
// Names come from the file and must not be able to break a terminal or a sentence.
std::string printableName(std::string_view name);

// `<file> is damaged: <what>; download it again`, or whatever sentence the caller built.
tl::unexpected<Error> damagedFile(std::string_view fileName, std::string_view what);

class ByteCursor {
public:
    ByteCursor(std::span<const std::byte> bytes, std::string fileName)
        : m_bytes(bytes), m_fileName(std::move(fileName)) {}

    const std::string& fileName() const { return m_fileName; }
    std::span<const std::byte> bytes() const { return m_bytes; }
    std::uint64_t offset() const { return m_offset; }
    std::uint64_t remaining() const { return m_bytes.size() - m_offset; }

    // `what` names the value in the message of a failure.
    template <typename T>
    Result<T> read(std::string_view what) {
        static_assert(std::is_arithmetic_v<T>);
        if (remaining() < sizeof(T)) {
            want(sizeof(T), 1);
            return cutOff(what);
        }
        T value;
        std::memcpy(&value, m_bytes.data() + m_offset, sizeof(T));
        m_offset += sizeof(T);
        return value;
    }

    // A u64 length and that many bytes. Errors: FileDamaged when longer than `maxBytes` or than the
    // bytes that remain.
    Result<std::string_view> readString(std::string_view what, std::uint64_t maxBytes);

    // `count` items of `itemBytes` each, as they lie there. Errors: FileDamaged when they do not
    // fit.
    Result<std::span<const std::byte>> take(std::uint64_t count, std::uint64_t itemBytes,
                                            std::string_view what);

    // How long the bytes would have had to be for what was read: of a header that is only beginning
    // to arrive. At most size() where nothing failed, or more bytes would not have helped.
    std::uint64_t wanted() const { return m_wanted; }

    // Fails when `count` items of at least `minItemBytes` (1 or more) each cannot fit any more.
    Status requireItems(std::uint64_t count, std::uint64_t minItemBytes, std::string_view what);

private:
    // Behind the offset; saturates.
    void want(std::uint64_t count, std::uint64_t itemBytes);
    tl::unexpected<Error> cutOff(std::string_view what) const;

    std::span<const std::byte> m_bytes;
    std::string m_fileName;
    std::uint64_t m_offset = 0;
    std::uint64_t m_wanted = 0;
};

}  // namespace sotto
