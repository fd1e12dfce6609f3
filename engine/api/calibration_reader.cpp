#include "engine/api/calibration_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/check.h"
#include "engine/api/inspect.h"
#include "engine/api/layer_matrices.h"
#include "engine/kernels/input_observer.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {
namespace {

// A cancel takes effect between steps of so many rows; sums are of as many.
constexpr std::int64_t kCalibrationStepTokens = 128;

// Hands the rows of each matrix to its products.
class ProductObserver final : public InputObserver {
public:
    explicit ProductObserver(ThreadPool& pool) : m_pool(pool) {}

    void add(const Weight& weight, std::int32_t matrix, InputProducts& products) {
        SOTTO_CHECK(products.nColumns() == weight.nCols);
        m_products[{&weight, matrix}] = &products;
    }

    void onInput(const Weight& weight, std::int32_t matrix, const float* x,
                 std::int64_t nRows) override {
        const auto found = m_products.find({&weight, matrix});
        if (found != m_products.end()) found->second->add(x, nRows, m_pool);
    }

private:
    ThreadPool& m_pool;
    std::map<std::pair<const Weight*, std::int32_t>, InputProducts*> m_products;
};

class CalibrationReader final : public InputReader {
public:
    CalibrationReader(ModelAndText read, std::int64_t chunkTokens, std::int64_t nChunks)
        : m_read(std::move(read)),
          m_chunkTokens(chunkTokens),
          m_nChunks(nChunks),
          m_runner(*m_read.model) {
        forEachLayerMatrix(*m_read.model,
                           [this](const Weight& weight, std::string name, std::int64_t) {
                               m_weights[std::move(name)] = &weight;
                           });
    }

    std::int64_t nTokens() const override { return m_nChunks * m_chunkTokens; }

    Status read(std::span<const InputWish> wishes, ThreadPool& pool,
                const std::function<bool(std::int64_t)>& progress) override {
        ProductObserver observer(pool);
        for (const InputWish& wish : wishes)
            if (const auto found = m_weights.find(wish.tensor); found != m_weights.end())
                observer.add(*found->second, wish.matrix, *wish.products);
        // The model is on the processor, whose set tells, and goes with this.
        auto* const teller = dynamic_cast<InputTeller*>(m_read.model->lastPart().kernels.get());
        SOTTO_CHECK(teller != nullptr);
        teller->observeInputs(&observer);
        const Status status = readChunks(progress);
        teller->observeInputs(nullptr);
        SOTTO_TRY(status);
        for (const InputWish& wish : wishes) {
            wish.products->finish(pool);
            if (!std::ranges::all_of(wish.products->squares(),
                                     [](float square) { return std::isfinite(square); }))
                return fail(ErrorCode::FileDamaged,
                            fmt::format("What comes to '{}' is no number: get another file of this "
                                        "model.",
                                        wish.tensor),
                            wish.tensor);
        }
        return {};
    }

private:
    Status readChunks(const std::function<bool(std::int64_t)>& progress) {
        for (std::int64_t chunk = 0; chunk < m_nChunks; ++chunk) {
            m_runner.restart();
            // Without the head no logits are computed.
            SOTTO_TRY(m_runner.run(
                m_read.withBos(m_read.chunk(chunk, m_chunkTokens)), m_chunkTokens,
                [](std::int64_t, std::span<const float>) {},
                [&] { return !progress || progress(chunk * m_chunkTokens + m_runner.nTokens()); }));
        }
        return {};
    }

    ModelAndText m_read;
    const std::int64_t m_chunkTokens;
    const std::int64_t m_nChunks;
    SequenceRunner m_runner;
    std::map<std::string, const Weight*, std::less<>> m_weights;
};

}  // namespace

Result<std::unique_ptr<InputReader>> openCalibrationReader(
    const std::filesystem::path& model, const CalibrationText& text, int nThreads,
    const std::function<bool()>& isContinuing) {
    EngineOptions engine;
    engine.device = "cpu";
    engine.kernels = KernelChoice::Fast;
    engine.nThreads = nThreads;
    LoadOptions load;
    load.path = model;
    load.kv = {KvType::F32, KvType::F32};
    load.prefillChunk = std::min(load.prefillChunk, kCalibrationStepTokens);
    SOTTO_ASSIGN(const ModelInfo info, inspectModel(load));
    std::int64_t chunkTokens = text.chunkTokens;
    if (info.trainedContext > 0) chunkTokens = std::min(chunkTokens, info.trainedContext);
    SOTTO_ASSIGN(ModelAndText read, loadForText(engine, load, text.text, chunkTokens, [&](double) {
                     return !isContinuing || isContinuing();
                 }));
    SOTTO_ASSIGN(const std::int64_t nChunks, read.chunkCount(chunkTokens, text.maxChunks));
    return std::make_unique<CalibrationReader>(std::move(read), chunkTokens, nChunks);
}

}  // namespace sotto
