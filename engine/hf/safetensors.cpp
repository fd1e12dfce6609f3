#include "engine/hf/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/json_document.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// The format's own limit.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kMaxStoredDims = 8;

struct TypeRow {
    std::string_view name;
    StoredType type;
    std::uint64_t bytes;
};

constexpr TypeRow kTypes[] = {
    {"F64", StoredType::F64, 8},      {"F32", StoredType::F32, 4},
    {"F16", StoredType::F16, 2},      {"BF16", StoredType::BF16, 2},
    {"F8_E4M3", StoredType::E4M3, 1}, {"F8_E5M2", StoredType::E5M2, 1},
    {"I64", StoredType::I64, 8},      {"U64", StoredType::U64, 8},
    {"I32", StoredType::I32, 4},      {"U32", StoredType::U32, 4},
    {"I16", StoredType::I16, 2},      {"U16", StoredType::U16, 2},
    {"I8", StoredType::I8, 1},        {"U8", StoredType::U8, 1},
    {"BOOL", StoredType::Bool, 1},
};

// Of one file, for its messages.
class HeaderReader {
public:
    HeaderReader(std::span<const std::byte> data, const std::string& fileName)
        : m_data(data), m_fileName(fileName) {}

    Result<StoredTensor> read(const std::string& name, const HfJson& entry) const {
        StoredTensor tensor;
        tensor.name = name;
        tensor.typeName = textOf(entry, "dtype").value_or("");
        if (tensor.typeName.empty()) return damaged(name, "has no type");
        SOTTO_ASSIGN(tensor.shape, readShape(name, entry));
        SOTTO_ASSIGN(tensor.bytes, readPlace(name, entry));
        const auto* const row = std::find_if(
            std::begin(kTypes), std::end(kTypes),
            [&](const TypeRow& candidate) { return candidate.name == tensor.typeName; });
        if (row == std::end(kTypes)) return tensor;
        tensor.type = row->type;
        std::uint64_t nBytes = row->bytes;
        for (const std::int64_t size : tensor.shape) nBytes *= static_cast<std::uint64_t>(size);
        if (nBytes != tensor.bytes.size())
            return damaged(name, fmt::format("takes {} bytes in its header and {} by its shape",
                                             tensor.bytes.size(), nBytes));
        return tensor;
    }

    tl::unexpected<Error> damaged(std::string_view name, std::string_view what) const {
        return damagedFile(m_fileName, fmt::format("tensor '{}' {}", printableName(name), what));
    }

private:
    // The product stays below 2^56: nothing that multiplies it by a type's bytes can wrap.
    Result<std::vector<std::int64_t>> readShape(const std::string& name,
                                                const HfJson& entry) const {
        constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 56;
        const HfJson* const sizes = memberOf(entry, "shape");
        if (sizes == nullptr || !sizes->is_array() || sizes->size() > kMaxStoredDims)
            return damaged(name, "has no shape");
        std::vector<std::int64_t> shape;
        std::uint64_t nElements = 1;
        for (const HfJson& one : *sizes) {
            const auto size = asInteger(one);
            if (!size || *size < 0 ||
                (*size > 0 && static_cast<std::uint64_t>(*size) > kMaxElements / nElements))
                return damaged(name, "has a shape that is out of range");
            shape.push_back(*size);
            nElements = std::max<std::uint64_t>(1, nElements * static_cast<std::uint64_t>(*size));
        }
        return shape;
    }

    Result<std::span<const std::byte>> readPlace(const std::string& name,
                                                 const HfJson& entry) const {
        const HfJson* const offsets = memberOf(entry, "data_offsets");
        if (offsets == nullptr || !offsets->is_array() || offsets->size() != 2)
            return damaged(name, "has no place in the file");
        const auto begin = asInteger((*offsets)[0]);
        const auto end = asInteger((*offsets)[1]);
        if (!begin || !end || *begin < 0 || *end < *begin)
            return damaged(name, "has a place that is none");
        if (static_cast<std::uint64_t>(*end) > m_data.size())
            return damaged(name, fmt::format("ends at byte {} of its data, which has {}", *end,
                                             m_data.size()));
        return m_data.subspan(static_cast<std::size_t>(*begin),
                              static_cast<std::size_t>(*end - *begin));
    }

    std::span<const std::byte> m_data;
    const std::string& m_fileName;
};

}  // namespace

std::int64_t StoredTensor::elementCount() const { return sotto::elementCount(shape); }

Result<std::vector<StoredTensor>> parseSafetensors(std::span<const std::byte> bytes,
                                                   const std::string& fileName) {
    ByteCursor cursor(bytes, fileName);
    SOTTO_ASSIGN(const auto headerBytes, cursor.read<std::uint64_t>("the header's length"));
    if (headerBytes > kMaxHeaderBytes)
        return damagedFile(
            fileName, fmt::format("its header claims {} bytes, more than the format allows: it is "
                                  "no safetensors file",
                                  headerBytes));
    if (headerBytes > cursor.remaining())
        return damagedFile(fileName, fmt::format("its header claims {} bytes and {} are there",
                                                 headerBytes, cursor.remaining()));
    const auto nHeader = static_cast<std::size_t>(headerBytes);
    SOTTO_ASSIGN(const HfJson header,
                 parseJson(bytes.subspan(sizeof(std::uint64_t), nHeader), fileName));
    const auto data = bytes.subspan(sizeof(std::uint64_t) + nHeader);

    const HeaderReader reader(data, fileName);
    std::vector<StoredTensor> tensors;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") continue;
        SOTTO_ASSIGN(StoredTensor tensor, reader.read(name, entry));
        tensors.push_back(std::move(tensor));
    }
    std::stable_sort(tensors.begin(), tensors.end(),
                     [](const StoredTensor& a, const StoredTensor& b) {
                         return a.bytes.data() < b.bytes.data();
                     });
    const std::byte* end = data.data();
    for (const StoredTensor& tensor : tensors) {
        if (tensor.bytes.empty()) continue;
        if (tensor.bytes.data() < end)
            return reader.damaged(tensor.name, "lies where another one does");
        end = tensor.bytes.data() + tensor.bytes.size();
    }
    return tensors;
}

}  // namespace sotto
