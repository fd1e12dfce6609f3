#include "engine/gguf/tensor_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/rounding.h"
#include "engine/gguf/gguf_format.h"

namespace sotto {
namespace {

struct TensorInfo {
    GgufTensor tensor;
    std::uint64_t offset = 0;  // bytes from the start of the data section
};

// Dimensions as in the file, each at least 1, their product at most kGgufMaxElements.
Result<std::vector<std::int64_t>> readShape(ByteCursor& cursor, const std::string& what) {
    SOTTO_ASSIGN(const std::uint32_t nDims, cursor.read<std::uint32_t>(what));
    if (nDims < 1 || nDims > kGgufMaxDims)
        return damagedFile(cursor.fileName(), fmt::format("{} has {} dimensions instead of 1 to {}",
                                                          what, nDims, kGgufMaxDims));
    std::vector<std::int64_t> shape;
    std::uint64_t nElements = 1;
    for (std::uint32_t dimIndex = 0; dimIndex < nDims; ++dimIndex) {
        SOTTO_ASSIGN(const std::uint64_t size, cursor.read<std::uint64_t>(what));
        if (size == 0)
            return damagedFile(cursor.fileName(),
                               fmt::format("{} has size 0 in dimension {}", what, dimIndex + 1));
        if (size > kGgufMaxElements / nElements)
            return damagedFile(cursor.fileName(),
                               fmt::format("{} claims size {} in dimension {}, more elements than "
                                           "any model has",
                                           what, size, dimIndex + 1));
        nElements *= size;
        shape.push_back(static_cast<std::int64_t>(size));
    }
    return shape;
}

Result<DType> readType(ByteCursor& cursor, const std::string& what) {
    SOTTO_ASSIGN(const std::uint32_t number, cursor.read<std::uint32_t>(what));
    if (const auto type = dtypeFromGguf(number)) return *type;
    return fail(ErrorCode::Unsupported,
                fmt::format("{} in {} has type {} (number {}), which cannot be computed with yet: "
                            "choose a file of type Q4_K_M, Q5_K_M, Q6_K, Q8_0, F16 or BF16",
                            what, cursor.fileName(), ggufTypeName(number), number),
                cursor.fileName());
}

Result<TensorInfo> readInfo(ByteCursor& cursor, std::uint64_t index, std::uint64_t nTensors) {
    const std::string& fileName = cursor.fileName();
    const std::string position = fmt::format("the name of tensor {} of {}", index + 1, nTensors);
    SOTTO_ASSIGN(const std::string_view name, cursor.readString(position, kGgufMaxNameBytes));
    if (name.empty()) return damagedFile(fileName, fmt::format("{} is empty", position));

    const std::string what = fmt::format("tensor '{}'", printableName(name));
    TensorInfo info;
    info.tensor.name = std::string(name);
    SOTTO_ASSIGN(info.tensor.shape, readShape(cursor, what));
    SOTTO_ASSIGN(info.tensor.type, readType(cursor, what));
    SOTTO_ASSIGN(info.offset, cursor.read<std::uint64_t>(what));

    const DTypeTraits& traits = dtypeTraits(info.tensor.type);
    const auto nCols = static_cast<std::uint64_t>(info.tensor.shape.front());
    if (nCols % traits.blockElements != 0)
        return damagedFile(fileName, fmt::format("{} has rows of {} elements, not a multiple of "
                                                 "the {} that type {} needs",
                                                 what, nCols, traits.blockElements, traits.name));
    // At most 2^47 elements of at most 4 bytes each: the product cannot wrap.
    const auto nElements = static_cast<std::uint64_t>(info.tensor.elementCount());
    info.tensor.byteSize = nElements / traits.blockElements * traits.blockBytes;
    return info;
}

// Sets the tensor's bytes. `dataStart`: byte of the file where the data section begins.
Status place(TensorInfo& info, const ByteCursor& cursor, std::uint64_t dataStart,
             std::uint64_t alignment) {
    const std::string& fileName = cursor.fileName();
    const std::uint64_t fileBytes = cursor.bytes().size();
    const std::string what = fmt::format("tensor '{}'", printableName(info.tensor.name));
    if (info.offset % alignment != 0)
        return damagedFile(fileName, fmt::format("{} begins at offset {}, not a multiple of {}",
                                                 what, info.offset, alignment));
    const std::uint64_t dataBytes = fileBytes > dataStart ? fileBytes - dataStart : 0;
    if (info.offset > dataBytes)
        return fail(ErrorCode::FileDamaged,
                    fmt::format("{} begins {} bytes into the data but {} has only {}: the file is "
                                "cut off, download it again",
                                what, info.offset, fileName, dataBytes),
                    fileName);
    if (info.tensor.byteSize > dataBytes - info.offset)
        return fail(
            ErrorCode::FileDamaged,
            fmt::format("{} ends at byte {} but {} has {}: the file is cut off, download "
                        "it again",
                        what, dataStart + info.offset + info.tensor.byteSize, fileName, fileBytes),
            fileName);
    info.tensor.bytes = cursor.bytes().subspan(static_cast<std::size_t>(dataStart + info.offset),
                                               static_cast<std::size_t>(info.tensor.byteSize));
    return {};
}

Status requireApart(const std::vector<TensorInfo>& infos, const std::string& fileName) {
    std::vector<std::size_t> order(infos.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&infos](std::size_t left, std::size_t right) {
        return infos[left].offset < infos[right].offset;
    });
    for (std::size_t position = 1; position < order.size(); ++position) {
        const TensorInfo& before = infos[order[position - 1]];
        const TensorInfo& after = infos[order[position]];
        // Both lie inside the file, so the difference of offsets is the room that `before` has.
        if (before.tensor.byteSize > after.offset - before.offset)
            return damagedFile(fileName, fmt::format("tensors '{}' and '{}' overlap",
                                                     printableName(before.tensor.name),
                                                     printableName(after.tensor.name)));
    }
    return {};
}

}  // namespace

Result<std::vector<GgufTensor>> readTensorIndex(ByteCursor& cursor, std::uint64_t nTensors,
                                                std::uint64_t alignment, TensorData data) {
    SOTTO_TRY(cursor.requireItems(nTensors, kMinTensorInfoBytes, "the tensor table"));
    std::vector<TensorInfo> infos;
    infos.reserve(static_cast<std::size_t>(nTensors));
    for (std::uint64_t index = 0; index < nTensors; ++index) {
        SOTTO_ASSIGN(TensorInfo info, readInfo(cursor, index, nTensors));
        infos.push_back(std::move(info));
    }

    // The cursor lies inside the file, so adding at most 1 MiB cannot wrap.
    const std::uint64_t dataStart = roundUp(cursor.offset(), alignment);
    if (data == TensorData::InFile)
        for (TensorInfo& info : infos) SOTTO_TRY(place(info, cursor, dataStart, alignment));
    SOTTO_TRY(requireApart(infos, cursor.fileName()));

    std::vector<GgufTensor> tensors;
    tensors.reserve(infos.size());
    for (TensorInfo& info : infos) tensors.push_back(std::move(info.tensor));
    return tensors;
}

Result<std::vector<std::size_t>> sortTensorsByName(const std::vector<GgufTensor>& tensors,
                                                   const std::string& fileName) {
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&tensors](std::size_t left, std::size_t right) {
        return tensors[left].name < tensors[right].name;
    });
    for (std::size_t position = 1; position < order.size(); ++position)
        if (tensors[order[position - 1]].name == tensors[order[position]].name)
            return damagedFile(fileName, fmt::format("tensor '{}' appears twice",
                                                     printableName(tensors[order[position]].name)));
    return order;
}

}  // namespace sotto
