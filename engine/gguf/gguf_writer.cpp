#include "engine/gguf/gguf_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <string_view>
#include <type_traits>

#include "engine/gguf/gguf_format.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

constexpr std::string_view kAlignmentKey = "general.alignment";

std::uint64_t alignUp(std::uint64_t value, std::uint64_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}

// The format's number of a value type, by the C++ type that holds it.
template <typename T>
constexpr GgufValueType valueTypeOf() {
    if constexpr (std::is_same_v<T, std::uint8_t>) return GgufValueType::U8;
    if constexpr (std::is_same_v<T, std::int8_t>) return GgufValueType::I8;
    if constexpr (std::is_same_v<T, std::uint16_t>) return GgufValueType::U16;
    if constexpr (std::is_same_v<T, std::int16_t>) return GgufValueType::I16;
    if constexpr (std::is_same_v<T, std::uint32_t>) return GgufValueType::U32;
    if constexpr (std::is_same_v<T, std::int32_t>) return GgufValueType::I32;
    if constexpr (std::is_same_v<T, std::uint64_t>) return GgufValueType::U64;
    if constexpr (std::is_same_v<T, std::int64_t>) return GgufValueType::I64;
    if constexpr (std::is_same_v<T, float>) return GgufValueType::F32;
    if constexpr (std::is_same_v<T, double>) return GgufValueType::F64;
    if constexpr (std::is_same_v<T, bool>) return GgufValueType::Bool;
    return GgufValueType::String;
}

class Encoder {
public:
    template <typename T>
    void number(T value) {
        const auto* const raw = reinterpret_cast<const std::byte*>(&value);
        m_bytes.insert(m_bytes.end(), raw, raw + sizeof(T));
    }

    void text(std::string_view value) {
        number(static_cast<std::uint64_t>(value.size()));
        const auto* const raw = reinterpret_cast<const std::byte*>(value.data());
        m_bytes.insert(m_bytes.end(), raw, raw + value.size());
    }

    void element(const std::string& value) { text(value); }
    void element(bool value) { number(static_cast<std::uint8_t>(value ? 1 : 0)); }
    template <typename T>
    void element(T value) {
        number(value);
    }

    // Type number, then the value.
    template <typename T>
    void typed(const T& value) {
        number(static_cast<std::uint32_t>(valueTypeOf<T>()));
        element(value);
    }
    template <typename T>
    void typed(const std::vector<T>& values) {
        number(static_cast<std::uint32_t>(GgufValueType::Array));
        number(static_cast<std::uint32_t>(valueTypeOf<T>()));
        number(static_cast<std::uint64_t>(values.size()));
        for (const T& value : values) element(value);
    }

    void typed(const GgufEncodedValue& value) {
        m_bytes.insert(m_bytes.end(), value.bytes.begin(), value.bytes.end());
    }

    void padTo(std::uint64_t size) { m_bytes.resize(static_cast<std::size_t>(size)); }
    std::vector<std::byte>& bytes() { return m_bytes; }

private:
    std::vector<std::byte> m_bytes;
};

tl::unexpected<Error> cannotWrite(std::string sentence, const std::string& subject) {
    return fail(ErrorCode::InvalidArgument, std::move(sentence), subject);
}

Status checkTensor(const GgufTensorPlan& tensor) {
    const auto refused = [&tensor](std::string_view why) {
        return cannotWrite(fmt::format("tensor '{}' cannot be written: {}", tensor.name, why),
                           tensor.name);
    };
    if (tensor.name.empty() || tensor.name.size() > kGgufMaxNameBytes)
        return refused("its name is empty or too long");
    if (tensor.shape.empty() || tensor.shape.size() > kGgufMaxDims)
        return refused("it must have 1 to 4 dimensions");
    std::uint64_t nElements = 1;
    for (const std::int64_t size : tensor.shape) {
        if (size < 1 || static_cast<std::uint64_t>(size) > kGgufMaxElements / nElements)
            return refused("its dimensions are out of range");
        nElements *= static_cast<std::uint64_t>(size);
    }
    if (tensor.shape.front() % dtypeTraits(tensor.type).blockElements != 0)
        return refused(fmt::format("its rows are not a multiple of the {} elements of type {}",
                                   dtypeTraits(tensor.type).blockElements,
                                   dtypeTraits(tensor.type).name));
    return {};
}

}  // namespace

struct GgufWriter::Layout {
    std::uint64_t alignment = kGgufDefaultAlignment;
    std::vector<std::uint64_t> offsets;  // of each tensor in the data section
    std::vector<std::uint64_t> sizes;    // bytes of each tensor, without padding
    std::uint64_t dataBytes = 0;         // of the data section, padding included
};

void GgufWriter::addValue(std::string key, GgufWriteValue value) {
    const auto [found, isNew] = m_placeOfKey.try_emplace(key, m_values.size());
    if (isNew)
        m_values.emplace_back(std::move(key), std::move(value));
    else
        m_values[found->second].second = std::move(value);
}

void GgufWriter::addTensor(GgufTensorPlan plan) { m_tensors.push_back(std::move(plan)); }

Result<GgufWriter::Layout> GgufWriter::plan() const {
    Layout layout;
    for (const auto& [key, value] : m_values) {
        if (key.empty() || key.size() > kGgufMaxNameBytes)
            return cannotWrite("a key cannot be written: its name is empty or too long", key);
        if (key != kAlignmentKey) continue;
        const auto* const alignment = std::get_if<std::uint32_t>(&value);
        if (alignment == nullptr || !std::has_single_bit(*alignment) ||
            *alignment < kGgufMinAlignment || *alignment > kGgufMaxAlignment)
            return cannotWrite(
                "key 'general.alignment' must be a 32-bit power of two from 8 to "
                "1048576",
                key);
        layout.alignment = *alignment;
    }

    std::set<std::string_view> names;
    for (const GgufTensorPlan& tensor : m_tensors) {
        SOTTO_TRY(checkTensor(tensor));
        if (!names.insert(tensor.name).second)
            return cannotWrite(fmt::format("tensor '{}' was added twice", tensor.name),
                               tensor.name);
        const std::uint64_t size =
            static_cast<std::uint64_t>(rowCount(tensor.shape)) *
            rowBytes(tensor.type, static_cast<std::size_t>(tensor.shape.front()));
        layout.offsets.push_back(layout.dataBytes);
        layout.sizes.push_back(size);
        layout.dataBytes = alignUp(layout.dataBytes + size, layout.alignment);
    }
    return layout;
}

std::vector<std::byte> GgufWriter::encodeHeader(const Layout& layout) const {
    Encoder encoder;
    encoder.number(kGgufMagic);
    encoder.number(kGgufVersion);
    encoder.number(static_cast<std::uint64_t>(m_tensors.size()));
    encoder.number(static_cast<std::uint64_t>(m_values.size()));
    for (const auto& [key, value] : m_values) {
        encoder.text(key);
        std::visit([&encoder](const auto& held) { encoder.typed(held); }, value);
    }
    for (std::size_t tensorIndex = 0; tensorIndex < m_tensors.size(); ++tensorIndex) {
        const GgufTensorPlan& tensor = m_tensors[tensorIndex];
        encoder.text(tensor.name);
        encoder.number(static_cast<std::uint32_t>(tensor.shape.size()));
        for (const std::int64_t size : tensor.shape)
            encoder.number(static_cast<std::uint64_t>(size));
        encoder.number(static_cast<std::uint32_t>(tensor.type));
        encoder.number(layout.offsets[tensorIndex]);
    }
    encoder.padTo(alignUp(encoder.bytes().size(), layout.alignment));
    return std::move(encoder.bytes());
}

Status GgufWriter::stream(const Layout& layout, const GgufRowSource& source, const ByteSink& sink,
                          std::uint64_t pieceBytes) const {
    SOTTO_TRY(sink(encodeHeader(layout)));
    std::vector<std::byte> piece;
    for (std::size_t tensorIndex = 0; tensorIndex < m_tensors.size(); ++tensorIndex) {
        const GgufTensorPlan& tensor = m_tensors[tensorIndex];
        const std::int64_t nRows = rowCount(tensor.shape);
        const std::uint64_t bytesPerRow =
            layout.sizes[tensorIndex] / static_cast<std::uint64_t>(nRows);
        const auto rowsPerPiece = static_cast<std::int64_t>(
            std::max<std::uint64_t>(1, pieceBytes / std::max<std::uint64_t>(1, bytesPerRow)));
        for (std::int64_t firstRow = 0; firstRow < nRows; firstRow += rowsPerPiece) {
            const GgufRowRange range{.tensorIndex = tensorIndex,
                                     .firstRow = firstRow,
                                     .nRows = std::min(rowsPerPiece, nRows - firstRow)};
            piece.assign(
                static_cast<std::size_t>(bytesPerRow) * static_cast<std::size_t>(range.nRows),
                std::byte{0});
            SOTTO_TRY(source(range, piece));
            SOTTO_TRY(sink(piece));
        }
        const std::uint64_t size = layout.sizes[tensorIndex];
        piece.assign(static_cast<std::size_t>(alignUp(size, layout.alignment) - size),
                     std::byte{0});
        SOTTO_TRY(sink(piece));
    }
    return {};
}

Result<std::uint64_t> GgufWriter::fileBytes() const {
    SOTTO_ASSIGN(const Layout layout, plan());
    return encodeHeader(layout).size() + layout.dataBytes;
}

Status GgufWriter::write(const std::filesystem::path& path, const GgufRowSource& source,
                         const AtomicFileOptions& options, std::uint64_t pieceBytes) const {
    SOTTO_ASSIGN(const Layout layout, plan());
    SOTTO_ASSIGN(AtomicFile file, AtomicFile::create(path, options));
    SOTTO_TRY(stream(
        layout, source, [&file](std::span<const std::byte> bytes) { return file.append(bytes); },
        pieceBytes));
    return file.commit();
}

Result<std::vector<std::byte>> GgufWriter::toBytes(const GgufRowSource& source) const {
    SOTTO_ASSIGN(const Layout layout, plan());
    std::vector<std::byte> result;
    const auto append = [&result](std::span<const std::byte> bytes) -> Status {
        result.insert(result.end(), bytes.begin(), bytes.end());
        return {};
    };
    SOTTO_TRY(stream(layout, source, append, kPieceBytes));
    return result;
}

Result<std::vector<std::byte>> GgufWriter::headerBytes() const {
    SOTTO_ASSIGN(const Layout layout, plan());
    return encodeHeader(layout);
}

}  // namespace sotto
