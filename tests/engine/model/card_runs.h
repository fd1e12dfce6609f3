// Golden models on the emulated card, for tests of whole steps: the models, a run of the golden
// prompt, comparisons of bits.
#pragma once

#include <QtTest>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/kernels/cuda/cuda_kernels.h"
#include "tests/engine/model/golden.h"
#include "tests/engine/model/model_runner.h"

namespace sotto {

using Rows = std::vector<std::vector<float>>;

// The larger variants are not committed: they come from the shared folder, where there is one.
inline std::filesystem::path golden(const std::string& folder, const std::string& name) {
    const auto committed = std::filesystem::path(SOTTO_GOLDEN_DIR) / folder / name;
    if (std::filesystem::exists(committed)) return committed;
    return std::filesystem::path(sharedFolder()) / "golden" / folder / name;
}

inline CudaKernelOptions smallUploads() {
    CudaKernelOptions options;
    options.uploadSlotBytes = std::size_t{64} << 10;
    return options;
}

struct Model {
    std::string folder;
    std::string variant;
};
// One of each kind of matrix and of each architecture's peculiarity: mixed types, biases, norms of
// q and k, 16-bit floats, mixtures of experts.
#ifdef SOTTO_ADDRESS_SANITIZED
// Each kernel has its own test under the sanitizers; here a mix of types and a model with norms of
// its heads do, in a quarter of the time.
inline const std::vector<Model> kModels{
    {"llama", "q4_k_m"}, {"qwen3", "q8_0"}, {"qwen3moe", "q8_0"}};
#else
inline const std::vector<Model> kModels{
    {"llama", "q4_k_m"},       {"qwen2", "q8_0"},       {"qwen3", "q8_0"},
    {"llama-types", "f16"},    {"llama-types", "bf16"}, {"llama-types", "q4_0"},
    {"llama-types", "q4_1"},   {"llama-types", "q5_0"}, {"llama-types", "q5_1"},
    {"llama-types", "q5_k_s"}, {"llama-types", "q6_k"}, {"qwen3moe", "q8_0"},
    {"llama-moe", "q4_k_m"}};
#endif

inline void addModels() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("variant");
    for (const Model& model : kModels)
        QTest::addRow("%s %s", model.folder.c_str(), model.variant.c_str())
            << QString::fromStdString(model.folder) << QString::fromStdString(model.variant);
}

// The golden prompt: `nAtOnce` tokens as one step, then steps of `rowsPerStep`.
struct Run {
    Rows logits;
    nlohmann::json values;
};
inline Run runGoldenWith(Result<std::unique_ptr<KernelSet>> kernels, const QString& folder,
                         const QString& variant, std::size_t rowsPerStep, std::size_t nAtOnce,
                         KvTypes kv) {
    Run run;
    const auto manifest = readJson(golden(folder.toStdString(), "manifest.json"));
    run.values = manifest["variants"][variant.toStdString()];
    if (!kernels) return run;
    ModelRunner::Options runnerOptions;
    runnerOptions.kv = kv;
    auto runner =
        ModelRunner::open(golden(folder.toStdString(), run.values["file"].get<std::string>()),
                          std::move(*kernels), runnerOptions);
    if (!runner) return run;
    const auto tokens = run.values["tokens"].get<std::vector<std::int32_t>>();
    for (std::size_t begin = 0, end = 0; begin < tokens.size(); begin = end) {
        end = std::min(tokens.size(), begin == 0 && nAtOnce > 0 ? nAtOnce : begin + rowsPerStep);
        const Rows rows = (*runner)->step({tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                                           tokens.begin() + static_cast<std::ptrdiff_t>(end)});
        run.logits.insert(run.logits.end(), rows.begin(), rows.end());
    }
    return run;
}
inline Run runGolden(const QString& folder, const QString& variant, std::size_t rowsPerStep,
                     const CudaKernelOptions& options, std::size_t nAtOnce = 0,
                     KvTypes kv = {KvType::F16, KvType::F16}) {
    return runGoldenWith(createCudaKernels(options), folder, variant, rowsPerStep, nAtOnce, kv);
}
inline bool areSameBits(const Rows& a, const Rows& b) {
    if (a.empty() || a.size() != b.size()) return false;
    for (std::size_t row = 0; row < a.size(); ++row)
        if (std::memcmp(a[row].data(), b[row].data(), a[row].size() * sizeof(float)) != 0)
            return false;
    return true;
}

}  // namespace sotto
