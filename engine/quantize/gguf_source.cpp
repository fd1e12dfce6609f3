// A model in GGUF as the source of a quantized one.
#include <algorithm>
#include <array>

#include "engine/gguf/gguf_reader.h"
#include "engine/gguf/split_files.h"
#include "engine/hf/hf_model.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {
namespace {

class GgufSource final : public TensorSource {
public:
    GgufSource(GgufFile file, std::vector<std::filesystem::path> files)
        : m_file(std::move(file)), m_files(std::move(files)) {
        for (const GgufTensor& tensor : m_file.tensors())
            m_tensors.push_back({tensor.name, tensor.type, tensor.shape});
    }

    std::span<const GgufTensorPlan> tensors() const override { return m_tensors; }
    const GgufMetadata& metadata() const override { return m_file.metadata(); }
    const std::vector<std::filesystem::path>& files() const override { return m_files; }

    void addKeys(GgufWriter& writer) const override { addKeysOf(m_file.metadata(), writer); }

    Result<std::span<const std::byte>> rows(const GgufRowRange& range,
                                            std::vector<std::byte>&) const override {
        const GgufTensor& tensor = m_file.tensors()[range.tensorIndex];
        const std::size_t bytes =
            rowBytes(tensor.type, static_cast<std::size_t>(tensor.shape.front()));
        return tensor.bytes.subspan(static_cast<std::size_t>(range.firstRow) * bytes,
                                    static_cast<std::size_t>(range.nRows) * bytes);
    }

    Status check() const override {
        SOTTO_TRY(m_file.verifySizes());
        return m_file.checkPages();
    }

private:
    GgufFile m_file;
    std::vector<std::filesystem::path> m_files;
    std::vector<GgufTensorPlan> m_tensors;
};

}  // namespace

void addKeysOf(const GgufMetadata& metadata, GgufWriter& writer) {
    // Of the parts, and of where the tensors lie in them: the new file is one and has its own.
    constexpr std::array<std::string_view, 4> kOfTheFile{
        "split.no", "split.count", "split.tensors.count", "general.alignment"};
    for (const GgufEncodedPair& pair : metadata.encoded()) {
        if (std::ranges::find(kOfTheFile, pair.key) != kOfTheFile.end()) continue;
        // What an earlier quantizing left is not true of the new file.
        if (pair.key.starts_with("quantize.imatrix.") || pair.key.starts_with("sotto.quantize."))
            continue;
        writer.addValue(std::string(pair.key),
                        GgufEncodedValue{{pair.value.begin(), pair.value.end()}});
    }
}

Result<std::unique_ptr<TensorSource>> openTensorSource(const std::filesystem::path& path) {
    if (isHfFolder(path)) return openHfSource(path);
    SOTTO_ASSIGN(GgufFile file, GgufFile::open(path));
    return std::make_unique<GgufSource>(std::move(file), partsByName(path));
}

}  // namespace sotto
