// GgufFile: a GGUF v2 or v3 model file (or all shards of a split), memory-mapped and fully checked
// before use.
//
// Flow: loader, inspect and tokenizers start here. After open() succeeded every tensor's bytes lie
// inside a mapping, every length was bounded by the bytes that remain, and every product was
// checked for overflow. Owns the mappings; the spans and string_views it returns live as long as it
// does. Immutable, any thread. Source: ggml docs/gguf.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "engine/gguf/gguf_metadata.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/tensor_view.h"

namespace sotto {

struct GgufPart;

struct GgufTensor {
    std::string name;
    DType type = DType::F32;
    std::vector<std::int64_t> shape;  // 1 to 4 dimensions, fastest first
    std::uint64_t byteSize = 0;
    std::span<const std::byte> bytes;  // inside the mapping; empty after parseHeader()

    std::int64_t elementCount() const;
    // As a matrix: nCols = shape[0], nRows = the product of the others.
    TensorView matrix() const;
};

class GgufFile {
public:
    // Opens the file, and the other shards when it is the first of a split
    // ("name-00001-of-00003.gguf"). Errors: FileNotFound, FileUnreadable, FileDamaged (what is
    // wrong, where), Unsupported (version or type, named), InvalidArgument (a part of a split that
    // is not the first).
    static Result<GgufFile> open(const std::filesystem::path& path);

    // The same checks on bytes in memory, for tests and fuzzing. `bytes` must outlive the object.
    static Result<GgufFile> parse(std::span<const std::byte> bytes, std::string nameForErrors);

    // A header without the tensors' data, for models that are in no file: every tensor has its
    // type, shape and size, and no bytes. `header` must outlive the object.
    static Result<GgufFile> parseHeader(std::span<const std::byte> header,
                                        std::string nameForErrors);
    // The same of a model in several parts, with the headers of all of them in order.
    static Result<GgufFile> parseHeaders(std::span<const std::span<const std::byte>> headers,
                                         std::string nameForErrors);

    const GgufMetadata& metadata() const { return m_metadata; }
    std::span<const GgufTensor> tensors() const { return m_tensors; }
    const GgufTensor* find(std::string_view name) const;  // null when absent
    std::uint64_t fileBytes() const { return m_fileBytes; }
    std::uint32_t version() const { return m_version; }
    std::size_t shardCount() const { return m_shardCount; }
    const std::filesystem::path& path() const { return m_path; }
    // Of all parts, in order; none where it was not read from files.
    std::span<const std::filesystem::path> paths() const { return m_shardPaths; }

    // Compares every mapped file's size with what was mapped: the loader asks before it reads the
    // weights and the engine between steps, so that a file that another program shortened is named
    // as such where it can be. Errors: FileDamaged. A file that was deleted or
    // replaced is none: it stays mapped.
    Status verifySizes() const;

    // Whether all that was read of the mapped files is what they hold: pages that were lost
    // meanwhile read as zeros. Asks no system. Errors: FileUnreadable.
    Status checkPages() const;

private:
    GgufFile() = default;
    static Result<GgufFile> fromOnePart(GgufPart part, std::string nameForErrors);
    // After the last part's tensors.
    Status finish(const std::optional<std::uint64_t>& nTensorsClaimed, const std::string& fileName);

    std::filesystem::path m_path;
    std::vector<std::filesystem::path> m_shardPaths;  // of m_mappings, in order
    std::vector<MappedFile> m_mappings;
    GgufMetadata m_metadata;
    std::vector<GgufTensor> m_tensors;  // in file order, shard by shard
    std::vector<std::size_t> m_byName;  // indices into m_tensors, sorted by name
    std::uint64_t m_fileBytes = 0;
    std::uint32_t m_version = 0;
    std::size_t m_shardCount = 1;
};

}  // namespace sotto
