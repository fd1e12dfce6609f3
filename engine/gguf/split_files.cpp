#include "engine/gguf/split_files.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

// Five digits in the file name bound the number of parts.
constexpr std::uint64_t kMaxParts = 99999;

std::string partSuffix(std::uint64_t index, std::uint64_t count) {
    return fmt::format("-{:05}-of-{:05}.gguf", index + 1, count);
}

// "-00002-of-00003.gguf": the count, or 1 where `fileName` does not end like that.
std::uint64_t countByName(std::string_view fileName) {
    constexpr std::size_t kSuffixBytes = std::string_view("-00001-of-00003.gguf").size();
    if (fileName.size() <= kSuffixBytes) return 1;
    const std::string_view suffix = fileName.substr(fileName.size() - kSuffixBytes);
    std::uint64_t index = 0, count = 0;
    std::from_chars(suffix.data() + 1, suffix.data() + 6, index);
    std::from_chars(suffix.data() + 10, suffix.data() + 15, count);
    const bool isPart = index >= 1 && index <= count && suffix == partSuffix(index - 1, count);
    return isPart ? count : 1;
}

}  // namespace

Result<SplitInfo> splitInfo(const GgufMetadata& metadata, const std::string& fileName) {
    SplitInfo info;
    if (!metadata.has("split.count")) return info;
    const auto count = metadata.unsignedInteger("split.count");
    if (!count || *count > kMaxParts)
        return damagedFile(fileName,
                           fmt::format("key 'split.count' is not a number up to {}", kMaxParts));
    // Some writers leave 0 in a file that was not split.
    if (*count <= 1) return info;
    info.count = *count;
    const auto index = metadata.unsignedInteger("split.no");
    if (!index || *index >= info.count)
        return damagedFile(fileName, fmt::format("key 'split.no' is missing or not below the {} "
                                                 "parts that 'split.count' claims",
                                                 info.count));
    info.index = *index;
    if (metadata.has("split.tensors.count")) {
        info.nTensors = metadata.unsignedInteger("split.tensors.count");
        if (!info.nTensors)
            return damagedFile(fileName, "key 'split.tensors.count' is not a positive number");
    }
    return info;
}

Result<std::filesystem::path> splitPartPath(const std::filesystem::path& firstPart,
                                            std::uint64_t index, std::uint64_t count) {
    const std::string fileName = firstPart.filename().string();
    const std::string suffix = partSuffix(0, count);
    if (!fileName.ends_with(suffix))
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} is the first of {} parts but its name does not end in '{}': "
                                "give all parts their original names back",
                                fileName, count, suffix),
                    fileName);
    const std::string stem = fileName.substr(0, fileName.size() - suffix.size());
    return firstPart.parent_path() / (stem + partSuffix(index, count));
}

std::vector<std::filesystem::path> partsByName(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> parts{path};
    const std::string fileName = path.filename().string();
    const std::uint64_t count = countByName(fileName);
    if (count == 1) return parts;
    const std::string stem = fileName.substr(0, fileName.size() - partSuffix(0, count).size());
    for (std::uint64_t index = 0; index < count; ++index) {
        std::filesystem::path part = path.parent_path() / (stem + partSuffix(index, count));
        if (part != path) parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace sotto
