#include "tests/support/gguf_invariants.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace sotto::test {
namespace {

bool liesInside(std::span<const std::byte> part, std::span<const std::byte> whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

bool liesInside(std::string_view text, std::span<const std::byte> whole) {
    return text.empty() || liesInside(std::as_bytes(std::span(text.data(), text.size())), whole);
}

std::string brokenTensor(const GgufTensor& tensor, std::span<const std::byte> bytes) {
    if (tensor.shape.empty() || tensor.shape.size() > 4) return "dimension count out of range";
    for (const std::int64_t size : tensor.shape)
        if (size < 1) return "a dimension is not positive";
    if (tensor.bytes.size() != tensor.byteSize || !liesInside(tensor.bytes, bytes))
        return "bytes outside of the file";
    const TensorView view = tensor.matrix();
    if (view.bytes() != tensor.byteSize || view.nCols * view.nRows != tensor.elementCount())
        return "shape and size disagree";
    if (view.nCols % dtypeTraits(tensor.type).blockElements != 0) return "rows split a block";
    // Reads through the view: a sanitizer stops here when it points elsewhere.
    const volatile std::byte* const first = tensor.bytes.data();
    static_cast<void>(first[0]);
    static_cast<void>(first[tensor.bytes.size() - 1]);
    return {};
}

}  // namespace

std::string brokenInvariant(const GgufFile& file, std::span<const std::byte> bytes) {
    std::vector<std::pair<const std::byte*, const std::byte*>> ranges;
    for (const GgufTensor& tensor : file.tensors()) {
        const std::string broken = brokenTensor(tensor, bytes);
        if (!broken.empty()) return "tensor " + tensor.name + ": " + broken;
        if (file.find(tensor.name) != &tensor) return "tensor " + tensor.name + " is not found";
        ranges.emplace_back(tensor.bytes.data(), tensor.bytes.data() + tensor.bytes.size());
    }
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t index = 1; index < ranges.size(); ++index)
        if (ranges[index].first < ranges[index - 1].second) return "two tensors overlap";

    for (const auto& [key, value] : file.metadata().all()) {
        if (const auto* text = std::get_if<std::string_view>(&value);
            text != nullptr && !liesInside(*text, bytes))
            return "string of key " + key + " outside of the file";
        if (const auto* texts = std::get_if<std::vector<std::string_view>>(&value))
            for (const std::string_view text : *texts)
                if (!liesInside(text, bytes)) return "string in " + key + " outside of the file";
    }
    return {};
}

}  // namespace sotto::test
