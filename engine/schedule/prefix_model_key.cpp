#include "engine/schedule/prefix_model_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <system_error>

#include "base/hash.h"

namespace sotto {
namespace {

// Raised when blocks are laid out in another way, or a kernel rounds differently.
constexpr int kLayout = 1;
constexpr std::size_t kSampleBytes = 4096;

void append(Hash& hash, std::string_view text) {
    hash.append(std::as_bytes(std::span(text.data(), text.size())));
    hash.append(std::as_bytes(std::span("\n", 1)));
}

// False where it cannot be told.
bool appendFile(Hash& hash, const std::filesystem::path& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) return false;
    const auto time = std::filesystem::last_write_time(path, error);
    if (error) return false;
    append(hash, fmt::format("{} {}", size, time.time_since_epoch().count()));
    return true;
}

void appendTensor(Hash& hash, const GgufTensor& tensor) {
    append(hash, fmt::format("{} {} {}", tensor.name, static_cast<int>(tensor.type),
                             fmt::join(tensor.shape, "x")));
    hash.append(tensor.bytes.first(std::min(tensor.bytes.size(), kSampleBytes)));
}

// Nothing where a file is gone.
std::optional<std::string> fingerprint(const ModelFile& file) {
    Hash hash;
    const std::span<const std::filesystem::path> paths =
        file.folder ? std::span<const std::filesystem::path>(file.folder->files())
                    : file.file.paths();
    if (paths.empty() || file.randomSeed) return std::nullopt;
    for (const std::filesystem::path& path : paths)
        if (!appendFile(hash, path)) return std::nullopt;
    for (const GgufTensor& tensor : file.file.tensors()) appendTensor(hash, tensor);
    return hash.finish();
}

std::string rowText(const KvRow& row) {
    return fmt::format("{}x{}{}", kvTypeTraits(row.type).name, row.dim, row.isRotated ? "r" : "");
}

}  // namespace

std::string prefixModelKey(const LoadedModel& model) {
    const auto file = fingerprint(*model.file);
    if (!file) return {};
    std::string key = fmt::format("sotto prefix {} {} {}", kLayout, SOTTO_VERSION, *file);
    for (const KvLayer& layer : model.cache->layers()) {
        const KvLayerShape& shape = layer.shape;
        key += fmt::format(" {}:{},{}/{}", shape.nKvHeads, rowText(shape.key), rowText(shape.value),
                           shape.blockTokens);
    }
    for (const LoadedPart& part : model.parts)
        key += fmt::format(" {} {}-{} {}", part.kernels->roundingClass(), part.share.layers.first,
                           part.share.layers.end, part.kernels->promptPiece());
    return key;
}

}  // namespace sotto
