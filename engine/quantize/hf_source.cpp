// A model in a folder of Hugging Face's form as the source of a quantized one.
#include <array>
#include <utility>

#include "engine/hf/hf_model.h"
#include "engine/model/loader.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {
namespace {

class HfSource final : public TensorSource {
public:
    explicit HfSource(std::unique_ptr<HfModel> model) : m_model(std::move(model)) {
        for (const GgufTensor& tensor : m_model->declared().tensors())
            m_tensors.push_back({tensor.name, tensor.type, tensor.shape});
    }

    std::span<const GgufTensorPlan> tensors() const override { return m_tensors; }
    const GgufMetadata& metadata() const override { return m_model->declared().metadata(); }
    const std::vector<std::filesystem::path>& files() const override { return m_model->files(); }
    void addKeys(GgufWriter& writer) const override { addKeysOf(metadata(), writer); }

    Result<std::span<const std::byte>> rows(const GgufRowRange& range,
                                            std::vector<std::byte>& scratch) const override {
        const GgufTensorPlan& tensor = m_tensors[range.tensorIndex];
        scratch.resize(static_cast<std::size_t>(range.nRows) *
                       rowBytes(tensor.type, static_cast<std::size_t>(tensor.shape.front())));
        m_model->readRows(range.tensorIndex, range.firstRow, range.nRows, scratch);
        return scratch;
    }

    Status check() const override { return m_model->check(); }

    std::string_view earlierMethod() const override {
        // Models that were published in FP8 have no better form.
        const std::string& method = m_model->quantizationMethod();
        return method == "fp8" || method == "compressed-tensors" ? std::string_view() : method;
    }

private:
    std::unique_ptr<HfModel> m_model;
    std::vector<GgufTensorPlan> m_tensors;
};

}  // namespace

Result<std::unique_ptr<TensorSource>> openHfSource(const std::filesystem::path& folder) {
    SOTTO_ASSIGN(auto model, HfModel::open(folder));
    // Whether it can be run: before hours are spent on it, with the sentence that a load would
    // give.
    const std::array headers{model->header()};
    SOTTO_TRY(declaredModelFile(headers, folderName(folder)).map([](const auto&) {}));
    return std::make_unique<HfSource>(std::move(model));
}

}  // namespace sotto
