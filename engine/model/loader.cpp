#include "engine/model/loader.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/half.h"
#include "engine/model/architectures/architecture.h"
#include "engine/model/config_reader.h"
#include "engine/model/rope_frequencies.h"

namespace sotto {
namespace {

// Vectors start on cache lines, so that no two kernels' threads share one.
constexpr std::size_t kVectorAlignment = 64 / sizeof(float);
// Pages are touched in pieces of this size between two looks at the cancel flag (milliseconds).
constexpr std::size_t kTouchBytes = std::size_t{8} << 20;
constexpr std::size_t kPageBytes = 4096;

std::size_t aligned(std::size_t nFloats) {
    return (nFloats + kVectorAlignment - 1) / kVectorAlignment * kVectorAlignment;
}

std::size_t vectorFloats(const ModelConfig& config, const WeightTable& table) {
    std::size_t total = 0;
    for (const WeightEntry& entry : table.entries)
        if (entry.isVector)
            total += aligned(static_cast<std::size_t>(entry.tensor->elementCount()));
    for (const LayerConfig& layer : config.layers)
        total += aligned(static_cast<std::size_t>(layer.attention.rope.rotaryDims) / 2);
    return total;
}

// Tensor bytes are not necessarily aligned for their type, so each element is copied out.
template <typename Stored>
void expand(const std::byte* source, float* out, std::size_t nElements) {
    for (std::size_t elementIndex = 0; elementIndex < nElements; ++elementIndex) {
        Stored value;
        std::memcpy(&value, source + elementIndex * sizeof(Stored), sizeof(Stored));
        if constexpr (std::is_same_v<Stored, float>)
            out[elementIndex] = value;
        else
            out[elementIndex] = toFloat(value);
    }
}

void expandVector(const GgufTensor& tensor, float* out) {
    const auto nElements = static_cast<std::size_t>(tensor.elementCount());
    if (tensor.type == DType::F16)
        expand<Half>(tensor.bytes.data(), out, nElements);
    else if (tensor.type == DType::BF16)
        expand<BFloat16>(tensor.bytes.data(), out, nElements);
    else
        expand<float>(tensor.bytes.data(), out, nElements);
}

const Weight* LayerWeights::*layerMatrix(TensorRole role) {
    switch (role) {
        case TensorRole::Query: return &LayerWeights::query;
        case TensorRole::Key: return &LayerWeights::key;
        case TensorRole::Value: return &LayerWeights::value;
        case TensorRole::AttentionOutput: return &LayerWeights::attentionOutput;
        case TensorRole::Gate: return &LayerWeights::gate;
        case TensorRole::Up: return &LayerWeights::up;
        case TensorRole::Down: return &LayerWeights::down;
        default: return nullptr;
    }
}

const float* LayerWeights::*layerVector(TensorRole role) {
    switch (role) {
        case TensorRole::AttentionNorm: return &LayerWeights::attentionNorm;
        case TensorRole::QueryBias: return &LayerWeights::queryBias;
        case TensorRole::KeyBias: return &LayerWeights::keyBias;
        case TensorRole::ValueBias: return &LayerWeights::valueBias;
        case TensorRole::AttentionOutputBias: return &LayerWeights::attentionOutputBias;
        case TensorRole::QueryNorm: return &LayerWeights::queryNorm;
        case TensorRole::KeyNorm: return &LayerWeights::keyNorm;
        case TensorRole::FeedForwardNorm: return &LayerWeights::feedForwardNorm;
        case TensorRole::GateBias: return &LayerWeights::gateBias;
        case TensorRole::UpBias: return &LayerWeights::upBias;
        case TensorRole::DownBias: return &LayerWeights::downBias;
        default: return nullptr;
    }
}

class Loading {
public:
    Loading(const ModelFile& model, KernelSet& kernels, const LoadSink& sink)
        : m_model(model), m_kernels(kernels), m_sink(sink) {
        for (const WeightEntry& entry : model.table.entries) m_totalBytes += entry.tensor->byteSize;
    }

    Result<Weights> run() {
        // Touching a page past the end of a file that was cut would end the process (SIGBUS).
        SOTTO_TRY(m_model.file.verifySizes());
        m_weights.layers.resize(m_model.config.layers.size());
        SOTTO_ASSIGN(m_weights.vectors,
                     m_kernels.allocate(vectorBytes(m_model.config, m_model.table)));
        m_hostVectors.resize(m_weights.vectors.bytes() / sizeof(float));
        m_weights.residentBytes = m_weights.vectors.bytes();
        m_weights.bytesPerToken = m_weights.vectors.bytes();
        for (const WeightEntry& entry : m_model.table.entries) {
            if (entry.isVector)
                takeVector(entry);
            else
                SOTTO_TRY(takeMatrix(entry));
        }
        SOTTO_TRY(fillRopeTables());
        SOTTO_TRY(m_kernels.upload(m_weights.vectors.data(), m_hostVectors.data(),
                                   m_weights.vectors.bytes()));
        if (m_model.table.hasTiedHead) {
            m_weights.head = m_weights.embedding;
            m_weights.bytesPerToken += m_weights.head->residentBytes;
        } else {
            m_weights.bytesPerToken += m_weights.embedding->residentBytes /
                                       static_cast<std::uint64_t>(m_model.config.nVocab);
        }
        return std::move(m_weights);
    }

private:
    // The vectors are put together here and uploaded in one go.
    struct VectorPlace {
        float* host;
        const float* device;
    };
    VectorPlace nextVector(std::size_t nFloats) {
        const VectorPlace place{m_hostVectors.data() + m_vectorFloats,
                                m_weights.vectors.as<float>() + m_vectorFloats};
        m_vectorFloats += aligned(nFloats);
        return place;
    }

    void takeVector(const WeightEntry& entry) {
        const VectorPlace place =
            nextVector(static_cast<std::size_t>(entry.tensor->elementCount()));
        expandVector(*entry.tensor, place.host);
        if (entry.role == TensorRole::OutputNorm) m_weights.outputNorm = place.device;
        if (entry.layerIndex >= 0)
            m_weights.layers[static_cast<std::size_t>(entry.layerIndex)].*layerVector(entry.role) =
                place.device;
        m_doneBytes += entry.tensor->byteSize;
    }

    Status takeMatrix(const WeightEntry& entry) {
        SOTTO_ASSIGN(std::unique_ptr<Weight> weight, prepare(*entry.tensor));
        if (weight->isMapped)
            m_weights.mappedBytes += entry.tensor->byteSize;
        else
            m_weights.residentBytes += m_kernels.preparedBytes(entry.tensor->matrix());
        // The embedding counts as a head when tied (see run) and by one row otherwise.
        if (entry.role != TensorRole::TokenEmbedding)
            m_weights.bytesPerToken += weight->residentBytes;
        if (entry.role == TensorRole::TokenEmbedding) m_weights.embedding = weight.get();
        if (entry.role == TensorRole::Head) m_weights.head = weight.get();
        if (entry.layerIndex >= 0)
            m_weights.layers[static_cast<std::size_t>(entry.layerIndex)].*layerMatrix(entry.role) =
                weight.get();
        m_weights.matrices.push_back(std::move(weight));
        return {};
    }

    // A set that copies the bytes away reads them itself, once; for the others the pages are
    // brought into memory first.
    Result<std::unique_ptr<Weight>> prepare(const GgufTensor& tensor) {
        if (!m_kernels.isStreaming()) {
            SOTTO_TRY(readPages(tensor.bytes));
            return m_kernels.prepareWeight(tensor.matrix());
        }
        const std::uint64_t before = m_doneBytes;
        const PrepareSink sink = [&](std::uint64_t bytes) {
            m_doneBytes = before + bytes;
            return tell();
        };
        auto weight = m_kernels.prepareWeight(tensor.matrix(), sink);
        m_doneBytes = before + tensor.byteSize;
        return weight;
    }

    bool tell() {
        return !m_sink ||
               m_sink(double(m_doneBytes) / double(std::max<std::uint64_t>(1, m_totalBytes)));
    }

    // Brings the pages into memory here, where it shows as progress and can be cancelled, rather
    // than in the first step.
    Status readPages(std::span<const std::byte> bytes) {
        for (std::size_t begin = 0; begin < bytes.size(); begin += kTouchBytes) {
            const std::size_t end = std::min(bytes.size(), begin + kTouchBytes);
            for (std::size_t offset = begin; offset < end; offset += kPageBytes)
                static_cast<void>(*static_cast<const volatile std::byte*>(bytes.data() + offset));
            m_doneBytes += end - begin;
            if (!tell())
                return fail(ErrorCode::Cancelled, "Loading was cancelled.",
                            m_model.file.path().string());
        }
        return {};
    }

    Status fillRopeTables() {
        std::vector<float> factors;
        if (const GgufTensor* tensor = m_model.table.ropeFactors) {
            factors.resize(static_cast<std::size_t>(tensor->elementCount()));
            expandVector(*tensor, factors.data());
            const auto isUsable = [](float factor) { return std::isfinite(factor) && factor > 0; };
            if (!std::all_of(factors.begin(), factors.end(), isUsable))
                return fail(ErrorCode::FileDamaged,
                            "The tensor 'rope_freqs.weight' has a factor that is not a positive "
                            "number; download the file again.",
                            m_model.file.path().string());
        }
        for (std::size_t layerIndex = 0; layerIndex < m_weights.layers.size(); ++layerIndex) {
            const RopeTable table =
                ropeTable(m_model.config.layers[layerIndex].attention.rope, factors);
            const VectorPlace place = nextVector(table.frequencies.size());
            std::copy(table.frequencies.begin(), table.frequencies.end(), place.host);
            m_weights.layers[layerIndex].ropeFrequencies = place.device;
            m_weights.layers[layerIndex].ropeMagnitude = table.magnitude;
        }
        return {};
    }

    const ModelFile& m_model;
    KernelSet& m_kernels;
    const LoadSink& m_sink;
    Weights m_weights;
    std::vector<float> m_hostVectors;  // [vectors.bytes() / 4]
    std::size_t m_vectorFloats = 0;
    std::uint64_t m_doneBytes = 0;
    std::uint64_t m_totalBytes = 0;
};

Result<std::unique_ptr<ModelFile>> checked(Result<GgufFile> opened) {
    if (!opened) return fail(std::move(opened.error()));
    auto model = std::make_unique<ModelFile>(std::move(*opened));
    SOTTO_ASSIGN(model->config, readModelConfig(model->file, builtinArchitectures()));
    SOTTO_ASSIGN(model->table, buildWeightTable(model->config, model->file));
    return model;
}

}  // namespace

Result<std::unique_ptr<ModelFile>> openModelFile(const std::filesystem::path& path) {
    return checked(GgufFile::open(path));
}

Result<std::unique_ptr<ModelFile>> parseModelFile(std::span<const std::byte> bytes,
                                                  std::string nameForErrors) {
    return checked(GgufFile::parse(bytes, std::move(nameForErrors)));
}

std::uint64_t vectorBytes(const ModelConfig& config, const WeightTable& table) {
    return vectorFloats(config, table) * sizeof(float);
}

Result<Weights> loadWeights(const ModelFile& model, KernelSet& kernels, const LoadSink& sink) {
    return Loading(model, kernels, sink).run();
}

}  // namespace sotto
