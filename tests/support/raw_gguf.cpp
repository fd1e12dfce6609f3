#include "tests/support/raw_gguf.h"

namespace sotto::test {
namespace {

constexpr std::uint32_t kArrayType = 9;
constexpr std::uint32_t kTextType = 8;
constexpr std::uint32_t kU32Type = 4;

std::vector<std::byte> encode(const RawGguf& file, RawGguf::Borders& borders) {
    RawEncoder out;
    out.number(file.magic).number(file.version);
    out.number(file.nTensors.value_or(file.tensors.size()));
    out.number(file.nPairs.value_or(file.pairs.size()));
    borders.header = out.bytes.size();
    for (const RawPair& pair : file.pairs) {
        out.text(pair.key).number(pair.type);
        out.bytes.insert(out.bytes.end(), pair.value.begin(), pair.value.end());
    }
    borders.pairs = out.bytes.size();
    for (const RawTensor& tensor : file.tensors) {
        out.text(tensor.name);
        out.number(tensor.nDims.value_or(static_cast<std::uint32_t>(tensor.dims.size())));
        for (const std::uint64_t dim : tensor.dims) out.number(dim);
        out.number(tensor.type).number(tensor.offset);
    }
    borders.tensors = out.bytes.size();
    while (out.bytes.size() % file.alignment != 0) out.bytes.push_back(std::byte{0});
    borders.padding = out.bytes.size();
    out.bytes.insert(out.bytes.end(), file.data.begin(), file.data.end());
    return out.bytes;
}

}  // namespace

RawEncoder& RawEncoder::text(std::string_view value) {
    number(static_cast<std::uint64_t>(value.size()));
    const auto* const raw = reinterpret_cast<const std::byte*>(value.data());
    bytes.insert(bytes.end(), raw, raw + value.size());
    return *this;
}

RawPair rawU32(std::string key, std::uint32_t value) {
    return {std::move(key), kU32Type, RawEncoder().number(value).bytes};
}

RawPair rawText(std::string key, std::string_view value) {
    return {std::move(key), kTextType, RawEncoder().text(value).bytes};
}

RawPair rawArray(std::string key, std::uint32_t elementType, std::uint64_t count,
                 std::vector<std::byte> elements) {
    RawEncoder out;
    out.number(elementType).number(count);
    out.bytes.insert(out.bytes.end(), elements.begin(), elements.end());
    return {std::move(key), kArrayType, std::move(out.bytes)};
}

RawGguf::RawGguf()
    : pairs{rawText("general.architecture", "llama"), rawU32("llama.block_count", 7)},
      tensors{{"one", {4, 2}, 0, 0, {}}, {"two", {32}, 8, 32, {}}},
      data(32 + 34) {
    for (std::size_t index = 0; index < data.size(); ++index)
        data[index] = static_cast<std::byte>(index);
}

std::vector<std::byte> RawGguf::bytes() const {
    Borders unused;
    return encode(*this, unused);
}

RawGguf::Borders RawGguf::borders() const {
    Borders result;
    encode(*this, result);
    return result;
}

}  // namespace sotto::test
