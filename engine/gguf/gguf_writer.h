// GgufWriter: declares the keys and tensors of a GGUF v3 file, then streams it out.
//
// Flow: tests build tiny models with it, `bench --save` writes synthetic ones, the quantizer its
// results. Tensor data is asked for in pieces of whole rows, so that a model larger than memory can
// be written. Holds only the declarations. One thread. Source: ggml docs/gguf.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/atomic_file.h"
#include "base/result.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// A value of another file as it lies there (GgufEncodedPair).
struct GgufEncodedValue {
    std::vector<std::byte> bytes;
};

// Every value type of the format; the alternative chosen is the type in the file.
using GgufWriteValue =
    std::variant<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                 std::int32_t, float, bool, std::string, std::uint64_t, std::int64_t, double,
                 std::vector<std::uint8_t>, std::vector<std::int8_t>, std::vector<std::uint16_t>,
                 std::vector<std::int16_t>, std::vector<std::uint32_t>, std::vector<std::int32_t>,
                 std::vector<float>, std::vector<bool>, std::vector<std::string>,
                 std::vector<std::uint64_t>, std::vector<std::int64_t>, std::vector<double>,
                 GgufEncodedValue>;

struct GgufTensorPlan {
    std::string name;
    DType type = DType::F32;
    std::vector<std::int64_t> shape;  // 1 to 4 dimensions, fastest first
};

// Which rows are wanted: rows of shape[0] elements, all further dimensions flattened.
struct GgufRowRange {
    std::size_t tensorIndex = 0;  // in the order of addTensor()
    std::int64_t firstRow = 0;
    std::int64_t nRows = 0;
};

// Fills `out` (nRows rows in the tensor's own type). Called in file order; an error stops the
// writing.
using GgufRowSource = std::function<Status(const GgufRowRange& range, std::span<std::byte> out)>;

class GgufWriter {
public:
    // Large enough that system calls cost nothing beside the copy, small enough to stay in the
    // cache of any machine's last level twice over.
    static constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

    // Keys and tensors appear in the file in the order of these calls. A key that was added before
    // keeps its place and gets the new value.
    void addValue(std::string key, GgufWriteValue value);
    void addTensor(GgufTensorPlan plan);

    std::span<const GgufTensorPlan> tensors() const { return m_tensors; }

    // Bytes of the whole file. Errors: InvalidArgument (what cannot be written, named).
    Result<std::uint64_t> fileBytes() const;

    // Writes the file under a temporary name and renames it when it is complete: after an error
    // there is no new file. `options` names what must not be replaced, `pieceBytes` about how much
    // `source` is asked for at once. Errors: InvalidArgument, those of AtomicFile, and whatever
    // `source` returns.
    Status write(const std::filesystem::path& path, const GgufRowSource& source,
                 const AtomicFileOptions& options = {},
                 std::uint64_t pieceBytes = kPieceBytes) const;

    // The same bytes in memory, for tests.
    Result<std::vector<std::byte>> toBytes(const GgufRowSource& source) const;

    // The file up to the tensors' data, for GgufFile::parseHeader(). Errors: InvalidArgument.
    Result<std::vector<std::byte>> headerBytes() const;

private:
    using ByteSink = std::function<Status(std::span<const std::byte>)>;
    struct Layout;  // where every tensor goes

    Result<Layout> plan() const;
    std::vector<std::byte> encodeHeader(const Layout& layout) const;
    Status stream(const Layout& layout, const GgufRowSource& source, const ByteSink& sink,
                  std::uint64_t pieceBytes) const;

    std::vector<std::pair<std::string, GgufWriteValue>> m_values;
    std::map<std::string, std::size_t, std::less<>> m_placeOfKey;  // in m_values
    std::vector<GgufTensorPlan> m_tensors;
};

}  // namespace sotto
