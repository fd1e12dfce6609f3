#include "engine/gguf/gguf_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_part.h"
#include "engine/gguf/split_files.h"
#include "engine/gguf/tensor_index.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

tl::unexpected<Error> notFirstPart(const SplitInfo& split, const std::string& fileName) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} is part {} of {}: open the part whose name ends in "
                            "'-00001-of-{:05}.gguf'",
                            fileName, split.index + 1, split.count, split.count),
                fileName);
}

Result<GgufPart> parseFurtherPart(std::span<const std::byte> bytes, const std::string& fileName,
                                  std::uint64_t index, std::uint64_t count, TensorData data) {
    SOTTO_ASSIGN(GgufPart part, parseGgufPart(bytes, fileName, data));
    SOTTO_ASSIGN(const SplitInfo split, splitInfo(part.metadata, fileName));
    if (split.index != index || split.count != count)
        return damagedFile(fileName,
                           fmt::format("it says that it is part {} of {} instead of {} of {}",
                                       split.index + 1, split.count, index + 1, count));
    return part;
}

// One further part: its mapping and its tensors.
struct OpenedPart {
    MappedFile mapping;
    std::vector<GgufTensor> tensors;
};

Result<OpenedPart> openFurtherPart(const std::filesystem::path& path, std::uint64_t index,
                                   std::uint64_t count) {
    const std::string fileName = path.filename().string();
    auto mapping = MappedFile::open(path);
    if (!mapping && mapping.error().code == ErrorCode::FileNotFound)
        return fail(ErrorCode::FileNotFound,
                    fmt::format("part {} of {} is missing: put '{}' into the same folder",
                                index + 1, count, fileName),
                    fileName);
    if (!mapping) return fail(std::move(mapping.error()));
    SOTTO_ASSIGN(GgufPart part,
                 parseFurtherPart(mapping->bytes(), fileName, index, count, TensorData::InFile));
    return OpenedPart{std::move(*mapping), std::move(part.tensors)};
}

}  // namespace

std::int64_t GgufTensor::elementCount() const { return sotto::elementCount(shape); }

TensorView GgufTensor::matrix() const {
    const std::int64_t nCols = shape.front();
    return {bytes.data(), type, nCols, elementCount() / nCols};
}

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
    const std::string fileName = path.filename().string();
    SOTTO_ASSIGN(MappedFile mapping, MappedFile::open(path));
    SOTTO_ASSIGN(GgufPart first, parseGgufPart(mapping.bytes(), fileName));
    SOTTO_ASSIGN(const SplitInfo split, splitInfo(first.metadata, fileName));
    if (split.index != 0) return notFirstPart(split, fileName);

    GgufFile file;
    file.m_path = path;
    file.m_version = first.version;
    file.m_metadata = std::move(first.metadata);
    file.m_tensors = std::move(first.tensors);
    file.m_fileBytes = mapping.bytes().size();
    file.m_mappings.push_back(std::move(mapping));
    file.m_shardPaths.push_back(path);
    for (std::uint64_t index = 1; index < split.count; ++index) {
        SOTTO_ASSIGN(const auto partPath, splitPartPath(path, index, split.count));
        SOTTO_ASSIGN(OpenedPart part, openFurtherPart(partPath, index, split.count));
        file.m_fileBytes += part.mapping.bytes().size();
        std::move(part.tensors.begin(), part.tensors.end(), std::back_inserter(file.m_tensors));
        file.m_mappings.push_back(std::move(part.mapping));
        file.m_shardPaths.push_back(partPath);
    }
    file.m_shardCount = static_cast<std::size_t>(split.count);
    SOTTO_TRY(file.finish(split.nTensors, fileName));
    return file;
}

Status GgufFile::finish(const std::optional<std::uint64_t>& nTensorsClaimed,
                        const std::string& fileName) {
    if (nTensorsClaimed && *nTensorsClaimed != m_tensors.size())
        return damagedFile(fileName,
                           fmt::format("key 'split.tensors.count' claims {} tensors but its parts "
                                       "have {}",
                                       *nTensorsClaimed, m_tensors.size()));
    SOTTO_ASSIGN(m_byName, sortTensorsByName(m_tensors, fileName));
    return {};
}

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes, std::string nameForErrors) {
    SOTTO_ASSIGN(GgufPart part, parseGgufPart(bytes, nameForErrors));
    SOTTO_ASSIGN(GgufFile file, fromOnePart(std::move(part), std::move(nameForErrors)));
    file.m_fileBytes = bytes.size();
    return file;
}

Result<GgufFile> GgufFile::parseHeader(std::span<const std::byte> header,
                                       std::string nameForErrors) {
    SOTTO_ASSIGN(GgufPart part, parseGgufPart(header, nameForErrors, TensorData::Absent));
    SOTTO_ASSIGN(GgufFile file, fromOnePart(std::move(part), std::move(nameForErrors)));
    file.m_fileBytes = header.size();
    return file;
}

Result<GgufFile> GgufFile::parseHeaders(std::span<const std::span<const std::byte>> headers,
                                        std::string nameForErrors) {
    if (headers.size() == 1) return parseHeader(headers.front(), std::move(nameForErrors));
    if (headers.empty())
        return fail(ErrorCode::InvalidArgument, nameForErrors + " has no header", nameForErrors);
    SOTTO_ASSIGN(GgufPart first, parseGgufPart(headers.front(), nameForErrors, TensorData::Absent));
    SOTTO_ASSIGN(const SplitInfo split, splitInfo(first.metadata, nameForErrors));
    if (split.index != 0) return notFirstPart(split, nameForErrors);
    if (split.count != headers.size())
        return damagedFile(nameForErrors, fmt::format("it says that it is the first of {} parts "
                                                      "instead of {}",
                                                      split.count, headers.size()));
    GgufFile file;
    file.m_path = nameForErrors;
    file.m_version = first.version;
    file.m_metadata = std::move(first.metadata);
    file.m_tensors = std::move(first.tensors);
    file.m_fileBytes = headers.front().size();
    file.m_shardCount = headers.size();
    for (std::size_t index = 1; index < headers.size(); ++index) {
        const std::string partName =
            fmt::format("part {} of {}", index + 1, printableName(nameForErrors));
        SOTTO_ASSIGN(GgufPart part, parseFurtherPart(headers[index], partName, index,
                                                     headers.size(), TensorData::Absent));
        file.m_fileBytes += headers[index].size();
        std::move(part.tensors.begin(), part.tensors.end(), std::back_inserter(file.m_tensors));
    }
    SOTTO_TRY(file.finish(split.nTensors, nameForErrors));
    return file;
}

Result<GgufFile> GgufFile::fromOnePart(GgufPart part, std::string nameForErrors) {
    SOTTO_ASSIGN(const SplitInfo split, splitInfo(part.metadata, nameForErrors));
    if (split.index != 0) return notFirstPart(split, nameForErrors);
    if (split.count != 1)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} is the first of {} parts: open it from a folder that holds "
                                "them all",
                                nameForErrors, split.count),
                    nameForErrors);

    GgufFile file;
    file.m_path = nameForErrors;
    file.m_version = part.version;
    file.m_metadata = std::move(part.metadata);
    file.m_tensors = std::move(part.tensors);
    SOTTO_ASSIGN(file.m_byName, sortTensorsByName(file.m_tensors, nameForErrors));
    return file;
}

Status GgufFile::verifySizes() const {
    for (std::size_t shardIndex = 0; shardIndex < m_mappings.size(); ++shardIndex) {
        const std::uint64_t size = m_mappings[shardIndex].sizeNow();
        const std::size_t mapped = m_mappings[shardIndex].bytes().size();
        const std::string fileName = m_shardPaths[shardIndex].filename().string();
        if (size < mapped)
            return fail(ErrorCode::FileDamaged,
                        fmt::format("{} shrank from {} to {} bytes while it was open: download it "
                                    "again",
                                    fileName, mapped, size),
                        fileName);
    }
    return {};
}

Status GgufFile::checkPages() const {
    for (std::size_t shardIndex = 0; shardIndex < m_mappings.size(); ++shardIndex) {
        if (!m_mappings[shardIndex].isLost()) continue;
        const std::string fileName = m_shardPaths[shardIndex].filename().string();
        return fail(ErrorCode::FileUnreadable,
                    fmt::format("The model's file {} changed or can no longer be read: check its "
                                "drive, and load it again.",
                                fileName),
                    fileName);
    }
    return {};
}

const GgufTensor* GgufFile::find(std::string_view name) const {
    const auto found = std::lower_bound(m_byName.begin(), m_byName.end(), name,
                                        [this](std::size_t index, std::string_view wanted) {
                                            return m_tensors[index].name < wanted;
                                        });
    if (found == m_byName.end() || m_tensors[*found].name != name) return nullptr;
    return &m_tensors[*found];
}

}  // namespace sotto
