// ModelRunner: the smallest driver of a forward pass for tests: one sequence, no
// scheduler. Holds everything a ModelView refers to.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "engine/kvcache/kv_cache.h"
#include "engine/kvcache/sequence_memory.h"
#include "engine/model/forward.h"
#include "engine/model/loader.h"

namespace sotto {

class ModelRunner {
public:
    struct Options {
        std::int64_t maxTokens = 64;
        std::int64_t contextTokens = 256;
        KvTypes kv{KvType::F32, KvType::F32};
    };

    static Result<std::unique_ptr<ModelRunner>> open(const std::filesystem::path& path,
                                                     std::unique_ptr<KernelSet> kernels,
                                                     const Options& options) {
        auto runner = std::unique_ptr<ModelRunner>(new ModelRunner);
        runner->m_kernels = std::move(kernels);
        SOTTO_ASSIGN(runner->m_file, openModelFile(path));
        const ModelConfig& config = runner->m_file->config;
        SOTTO_ASSIGN(runner->m_weights, loadWeights(*runner->m_file, *runner->m_kernels, {}));
        const StepLimits limits{.maxTokens = options.maxTokens,
                                .maxOutputs = options.maxTokens,
                                .contextTokens = options.contextTokens};
        SOTTO_ASSIGN(runner->m_activations, planActivations(config, limits, *runner->m_kernels));
        SOTTO_TRY(runner->m_kernels->reserve(kernelLimits(config, limits)));
        KvCacheShape shape;
        for (const LayerConfig& layer : config.layers)
            shape.layers.push_back(
                kvLayerShape(layer.attention.nKvHeads, layer.attention.headDim, options.kv));
        shape.nTokens = options.contextTokens;
        SOTTO_ASSIGN(runner->m_cache, KvCache::create(shape, *runner->m_kernels));
        runner->m_memory = std::make_unique<SequenceMemory>(runner->m_cache->groups(), kBlockTokens,
                                                            options.contextTokens);
        return runner;
    }

    // Reads the tokens as one step after those before; the logits of those from the wanted one on,
    // [tokens.size() - firstWanted][nVocab].
    std::vector<std::vector<float>> step(const std::vector<std::int32_t>& tokens,
                                         std::size_t firstWanted = 0) {
        SequenceReservation blocks(*m_memory, static_cast<std::int64_t>(tokens.size()));
        if (!blocks.ok()) return {};
        std::vector<std::int32_t> positions, sequenceIndex(tokens.size(), 0), outputs;
        for (std::size_t rowIndex = 0; rowIndex < tokens.size(); ++rowIndex) {
            positions.push_back(static_cast<std::int32_t>(m_memory->nTokens()) +
                                static_cast<std::int32_t>(rowIndex));
            if (rowIndex >= firstWanted) outputs.push_back(static_cast<std::int32_t>(rowIndex));
        }
        const BlockTableView view = m_memory->view();
        const ModelView model = this->model();
        if (!forward({&model, 1}, {.tokenIds = tokens,
                                   .rows = {positions, sequenceIndex, {&view, 1}},
                                   .outputRows = outputs}))
            return {};
        blocks.commit();
        const auto nVocab = static_cast<std::size_t>(config().nVocab);
        const auto logits = m_kernels->readback(m_activations.logits, outputs.size() * nVocab);
        if (!logits) return {};
        std::vector<std::vector<float>> rows;
        for (std::size_t output = 0; output < outputs.size(); ++output) {
            const auto row = logits->subspan(output * nVocab, nVocab);
            rows.emplace_back(row.begin(), row.end());
        }
        return rows;
    }

    void restart() { m_memory->clear(); }
    const ModelConfig& config() const { return m_file->config; }
    const ModelFile& file() const { return *m_file; }
    const Weights& weights() const { return m_weights; }
    Activations& activations() { return m_activations; }
    KvCache& cache() { return *m_cache; }
    KernelSet& kernels() { return *m_kernels; }
    ModelView model() {
        return {m_file->config, m_weights,         *m_kernels,
                m_activations,  m_cache->layers(), PartShare::whole(m_file->config)};
    }

private:
    ModelRunner() = default;

    std::unique_ptr<KernelSet> m_kernels;
    std::unique_ptr<ModelFile> m_file;
    Weights m_weights;
    Activations m_activations;
    std::unique_ptr<KvCache> m_cache;
    std::unique_ptr<SequenceMemory> m_memory;
};

}  // namespace sotto
