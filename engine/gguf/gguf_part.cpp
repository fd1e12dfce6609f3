#include "engine/gguf/gguf_part.h"

#include <fmt/format.h>

#include <limits>
#include <type_traits>
#include <utility>

#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_format.h"
#include "engine/gguf/tensor_index.h"

namespace sotto {
namespace {

// The smallest possible key-value pair: length, one letter, type, one byte.
constexpr std::uint64_t kMinPairBytes = 8 + 1 + 4 + 1;
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// Where the elements of each number type go: the widest type of its kind.
template <typename T>
using Widest =
    std::conditional_t<std::is_floating_point_v<T>, double,
                       std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>;

// Reads the key-value pairs. Keeps count of all array elements, because many small arrays cost as
// much as a large one.
class MetadataReader {
public:
    explicit MetadataReader(ByteCursor& cursor) : m_cursor(cursor) {}

    Result<GgufMetadata> readPairs(std::uint64_t nPairs);

private:
    Result<GgufValue> readScalar(GgufValueType type);
    Result<GgufValue> readArray();
    Result<bool> readBoolean();

    template <typename T>
    Result<GgufValue> readNumber() {
        SOTTO_ASSIGN(const T number, m_cursor.read<T>(m_what));
        return GgufValue(static_cast<Widest<T>>(number));
    }

    template <typename T>
    Result<GgufValue> readNumbers(std::uint64_t count) {
        SOTTO_TRY(m_cursor.requireItems(count, sizeof(T), m_what));
        std::vector<Widest<T>> numbers;
        numbers.reserve(static_cast<std::size_t>(count));
        for (std::uint64_t index = 0; index < count; ++index) {
            SOTTO_ASSIGN(const T number, m_cursor.read<T>(m_what));
            numbers.push_back(static_cast<Widest<T>>(number));
        }
        return GgufValue(std::move(numbers));
    }

    Result<GgufValue> readBooleans(std::uint64_t count);
    Result<GgufValue> readStrings(std::uint64_t count);

    ByteCursor& m_cursor;
    std::string m_what;  // "the value of key 'x'", for messages
    std::uint64_t m_nArrayElements = 0;
};

Result<bool> MetadataReader::readBoolean() {
    SOTTO_ASSIGN(const std::uint8_t flag, m_cursor.read<std::uint8_t>(m_what));
    if (flag > 1)
        return damagedFile(m_cursor.fileName(),
                           fmt::format("{} at byte {} is {}, neither true nor false", m_what,
                                       m_cursor.offset() - 1, flag));
    return flag == 1;
}

Result<GgufValue> MetadataReader::readBooleans(std::uint64_t count) {
    SOTTO_TRY(m_cursor.requireItems(count, 1, m_what));
    std::vector<bool> flags;
    flags.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t index = 0; index < count; ++index) {
        SOTTO_ASSIGN(const bool flag, readBoolean());
        flags.push_back(flag);
    }
    return GgufValue(std::move(flags));
}

Result<GgufValue> MetadataReader::readStrings(std::uint64_t count) {
    SOTTO_TRY(m_cursor.requireItems(count, sizeof(std::uint64_t), m_what));
    std::vector<std::string_view> texts;
    texts.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t index = 0; index < count; ++index) {
        SOTTO_ASSIGN(const std::string_view text, m_cursor.readString(m_what, kNoLimit));
        texts.push_back(text);
    }
    return GgufValue(std::move(texts));
}

Result<GgufValue> MetadataReader::readScalar(GgufValueType type) {
    switch (type) {
        case GgufValueType::U8: return readNumber<std::uint8_t>();
        case GgufValueType::I8: return readNumber<std::int8_t>();
        case GgufValueType::U16: return readNumber<std::uint16_t>();
        case GgufValueType::I16: return readNumber<std::int16_t>();
        case GgufValueType::U32: return readNumber<std::uint32_t>();
        case GgufValueType::I32: return readNumber<std::int32_t>();
        case GgufValueType::U64: return readNumber<std::uint64_t>();
        case GgufValueType::I64: return readNumber<std::int64_t>();
        case GgufValueType::F32: return readNumber<float>();
        case GgufValueType::F64: return readNumber<double>();
        case GgufValueType::Bool: {
            SOTTO_ASSIGN(const bool flag, readBoolean());
            return GgufValue(flag);
        }
        case GgufValueType::String: {
            SOTTO_ASSIGN(const std::string_view text, m_cursor.readString(m_what, kNoLimit));
            return GgufValue(text);
        }
        case GgufValueType::Array: return readArray();
    }
    return damagedFile(m_cursor.fileName(),
                       fmt::format("{} at byte {} has the unknown value type {}", m_what,
                                   m_cursor.offset(), static_cast<std::uint32_t>(type)));
}

Result<GgufValue> MetadataReader::readArray() {
    SOTTO_ASSIGN(const std::uint32_t number, m_cursor.read<std::uint32_t>(m_what));
    SOTTO_ASSIGN(const std::uint64_t count, m_cursor.read<std::uint64_t>(m_what));
    if (count > kGgufMaxArrayElements - m_nArrayElements)
        return damagedFile(m_cursor.fileName(),
                           fmt::format("{} at byte {} claims {} elements, more than the {} that "
                                       "all arrays may have",
                                       m_what, m_cursor.offset(), count, kGgufMaxArrayElements));
    m_nArrayElements += count;
    switch (static_cast<GgufValueType>(number)) {
        case GgufValueType::U8: return readNumbers<std::uint8_t>(count);
        case GgufValueType::I8: return readNumbers<std::int8_t>(count);
        case GgufValueType::U16: return readNumbers<std::uint16_t>(count);
        case GgufValueType::I16: return readNumbers<std::int16_t>(count);
        case GgufValueType::U32: return readNumbers<std::uint32_t>(count);
        case GgufValueType::I32: return readNumbers<std::int32_t>(count);
        case GgufValueType::U64: return readNumbers<std::uint64_t>(count);
        case GgufValueType::I64: return readNumbers<std::int64_t>(count);
        case GgufValueType::F32: return readNumbers<float>(count);
        case GgufValueType::F64: return readNumbers<double>(count);
        case GgufValueType::Bool: return readBooleans(count);
        case GgufValueType::String: return readStrings(count);
        // No model needs nested arrays, and refusing them keeps the reader free of recursion.
        case GgufValueType::Array:
            return damagedFile(m_cursor.fileName(),
                               fmt::format("{} at byte {} is an array of arrays, which no model "
                                           "uses",
                                           m_what, m_cursor.offset()));
    }
    return damagedFile(m_cursor.fileName(),
                       fmt::format("{} at byte {} has the unknown element type {}", m_what,
                                   m_cursor.offset(), number));
}

Result<GgufMetadata> MetadataReader::readPairs(std::uint64_t nPairs) {
    GgufMetadata metadata;
    for (std::uint64_t pairIndex = 0; pairIndex < nPairs; ++pairIndex) {
        m_what = fmt::format("the name of key {} of {}", pairIndex + 1, nPairs);
        SOTTO_ASSIGN(const std::string_view key, m_cursor.readString(m_what, kGgufMaxNameBytes));
        if (key.empty())
            return damagedFile(m_cursor.fileName(), fmt::format("{} is empty", m_what));
        const std::string shown = printableName(key);
        if (metadata.has(key))
            return damagedFile(m_cursor.fileName(), fmt::format("key '{}' appears twice", shown));
        m_what = fmt::format("the type of key '{}'", shown);
        const std::uint64_t begin = m_cursor.offset();
        SOTTO_ASSIGN(const std::uint32_t type, m_cursor.read<std::uint32_t>(m_what));
        m_what = fmt::format("the value of key '{}'", shown);
        SOTTO_ASSIGN(GgufValue value, readScalar(static_cast<GgufValueType>(type)));
        metadata.insert(std::string(key), std::move(value));
        metadata.addEncoded({key, m_cursor.bytes().subspan(begin, m_cursor.offset() - begin)});
    }
    return metadata;
}

Result<std::uint32_t> readVersion(ByteCursor& cursor) {
    const std::string& fileName = cursor.fileName();
    const auto magic = cursor.read<std::uint32_t>("the magic number");
    if (!magic || *magic != kGgufMagic)
        return fail(ErrorCode::FileDamaged,
                    fmt::format("{} is not a GGUF file: choose a model in GGUF format", fileName),
                    fileName);
    SOTTO_ASSIGN(const std::uint32_t version, cursor.read<std::uint32_t>("the version"));
    if (version == 2 || version == 3) return version;
    // Big-endian files carry the same magic letters; only the version shows the byte order.
    if (version == 0x02000000u || version == 0x03000000u)
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} is a big-endian GGUF file: get the little-endian file of this "
                                "model",
                                fileName),
                    fileName);
    return fail(ErrorCode::Unsupported,
                fmt::format("{} has GGUF version {}, but only versions 2 and 3 can be read: get a "
                            "file of this model in one of them",
                            fileName, version),
                fileName);
}

Result<std::uint64_t> dataAlignment(const GgufMetadata& metadata, const std::string& fileName) {
    const GgufValue* const value = metadata.find("general.alignment");
    if (value == nullptr) return kGgufDefaultAlignment;
    const auto alignment = metadata.unsignedInteger("general.alignment");
    if (!alignment)
        return damagedFile(fileName, "key 'general.alignment' is not a whole positive number");
    if (*alignment == 0 || *alignment % kGgufMinAlignment != 0 || *alignment > kGgufMaxAlignment)
        return damagedFile(
            fileName, fmt::format("key 'general.alignment' is {}, not a multiple of {} up to {}",
                                  *alignment, kGgufMinAlignment, kGgufMaxAlignment));
    return *alignment;
}

// A count from the header; whether so many fit into the file is checked once all are read.
Result<std::uint64_t> readCount(ByteCursor& cursor, std::string_view what, std::uint64_t limit) {
    SOTTO_ASSIGN(const std::uint64_t count, cursor.read<std::uint64_t>(what));
    if (count > limit)
        return damagedFile(
            cursor.fileName(),
            fmt::format("{} claims {}, more than the {} that any model has", what, count, limit));
    return count;
}

Result<GgufPart> readPart(ByteCursor& cursor, TensorData data) {
    const std::string& fileName = cursor.fileName();
    GgufPart part;
    SOTTO_ASSIGN(part.version, readVersion(cursor));
    SOTTO_ASSIGN(const std::uint64_t nTensors,
                 readCount(cursor, "the tensor count", kGgufMaxTensors));
    SOTTO_ASSIGN(const std::uint64_t nPairs, readCount(cursor, "the key count", kGgufMaxPairs));
    SOTTO_TRY(cursor.requireItems(nTensors, kMinTensorInfoBytes, "the tensor count"));
    SOTTO_TRY(cursor.requireItems(nPairs, kMinPairBytes, "the key count"));
    SOTTO_ASSIGN(part.metadata, MetadataReader(cursor).readPairs(nPairs));
    SOTTO_ASSIGN(const std::uint64_t alignment, dataAlignment(part.metadata, fileName));
    SOTTO_ASSIGN(part.tensors, readTensorIndex(cursor, nTensors, alignment, data));
    return part;
}

}  // namespace

Result<GgufPart> parseGgufPart(std::span<const std::byte> bytes, const std::string& fileName,
                               TensorData data) {
    ByteCursor cursor(bytes, fileName);
    return readPart(cursor, data);
}

std::uint64_t ggufHeaderWanted(std::span<const std::byte> bytes) {
    ByteCursor cursor(bytes, {});
    static_cast<void>(readPart(cursor, TensorData::Absent));
    return cursor.wanted();
}

}  // namespace sotto
