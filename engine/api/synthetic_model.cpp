#include "engine/api/synthetic_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/quant/mix.h"
#include "engine/quant/random_weights.h"

namespace sotto {
namespace {

// The last two are what forecasts measure a machine with (machine_rates.cpp): layers of llama-1b,
// more of them where a large cache would hold eight, and layers that are little but attention.
constexpr std::array<SyntheticShape, 8> kShapes{{
    {"llama-1b", 2048, 8192, 16, 32, 8, 64, 128256, true},
    {"llama-3b", 3072, 8192, 28, 24, 8, 128, 128256, true},
    {"llama-8b", 4096, 14336, 32, 32, 8, 128, 128256, false},
    {"llama-32b", 5120, 27648, 64, 40, 8, 128, 152064, false},
    {"llama-70b", 8192, 28672, 80, 64, 8, 128, 128256, false},
    {"qwen3-30b-a3b", 2048, 768, 48, 32, 4, 128, 151936, false, 128, 8},
    {"probe", 2048, 8192, 8, 32, 8, 64, 1024, true},
    {"probe-cache", 256, 256, 32, 32, 8, 64, 1024, true},
}};

class Planner {
public:
    Planner(const SyntheticShape& shape, std::string_view type) : m_shape(shape), m_type(type) {}

    Result<GgufWriter> plan() {
        addKeys();
        addVocabulary();
        addMatrix("token_embd.weight", m_shape.nEmbd, m_shape.nVocab);
        if (!m_shape.isTied) addMatrix("output.weight", m_shape.nEmbd, m_shape.nVocab);
        addNorm("output_norm.weight", m_shape.nEmbd);
        for (std::int32_t layerIndex = 0; layerIndex < m_shape.nLayers; ++layerIndex)
            addLayer(layerIndex);
        SOTTO_TRY(chooseTensorTypes());
        for (GgufTensorPlan& tensor : m_tensors) m_writer.addTensor(std::move(tensor));
        return std::move(m_writer);
    }

private:
    void addKeys() {
        const std::string architecture = m_shape.isMixture() ? "qwen3moe" : "llama";
        const auto add = [&](const char* name, auto value) {
            m_writer.addValue(architecture + '.' + name, value);
        };
        const auto count = [&](const char* name, std::int32_t value) {
            add(name, static_cast<std::uint32_t>(value));
        };
        m_writer.addValue("general.architecture", architecture);
        m_writer.addValue("general.name",
                          fmt::format("synthetic {} {} (random weights)", m_shape.name, m_type));
        count("vocab_size", m_shape.nVocab);
        count("context_length", 131072);
        count("embedding_length", m_shape.nEmbd);
        count("block_count", m_shape.nLayers);
        count("feed_forward_length", m_shape.nFeedForward);
        count("attention.head_count", m_shape.nHeads);
        count("attention.head_count_kv", m_shape.nKvHeads);
        count("attention.key_length", m_shape.headDim);
        count("attention.value_length", m_shape.headDim);
        add("attention.layer_norm_rms_epsilon", 1e-5f);
        count("rope.dimension_count", m_shape.headDim);
        add("rope.freq_base", 500000.0f);
        if (!m_shape.isMixture()) return;
        count("expert_count", m_shape.nExperts);
        count("expert_used_count", m_shape.nExpertsUsed);
        count("expert_feed_forward_length", m_shape.nFeedForward);
    }

    // Enough of a sentencepiece vocabulary for other engines to accept the file: three control
    // pieces, the 256 bytes, and numbered words.
    void addVocabulary() {
        const auto nVocab = static_cast<std::size_t>(m_shape.nVocab);
        std::vector<std::string> pieces{"<unk>", "<s>", "</s>"};
        std::vector<std::int32_t> types{2, 3, 3};
        for (int byte = 0; byte < 256; ++byte) {
            pieces.push_back(fmt::format("<0x{:02X}>", byte));
            types.push_back(6);
        }
        while (pieces.size() < nVocab) {
            pieces.push_back(fmt::format("\xE2\x96\x81w{}", pieces.size()));
            types.push_back(1);
        }
        pieces.resize(nVocab);
        types.resize(nVocab);
        std::vector<float> scores(nVocab, 0.0f);
        for (std::size_t piece = 259; piece < nVocab; ++piece)
            scores[piece] = -static_cast<float>(piece);
        m_writer.addValue("tokenizer.ggml.model", std::string("llama"));
        m_writer.addValue("tokenizer.ggml.pre", std::string("default"));
        m_writer.addValue("tokenizer.ggml.tokens", std::move(pieces));
        m_writer.addValue("tokenizer.ggml.scores", std::move(scores));
        m_writer.addValue("tokenizer.ggml.token_type", std::move(types));
        m_writer.addValue("tokenizer.ggml.bos_token_id", std::uint32_t{1});
        m_writer.addValue("tokenizer.ggml.eos_token_id", std::uint32_t{2});
        m_writer.addValue("tokenizer.ggml.unknown_token_id", std::uint32_t{0});
    }

    void addLayer(std::int32_t layerIndex) {
        const std::int64_t nQuery = std::int64_t{m_shape.nHeads} * m_shape.headDim;
        const std::int64_t nKv = std::int64_t{m_shape.nKvHeads} * m_shape.headDim;
        const std::string prefix = fmt::format("blk.{}.", layerIndex);
        addNorm(prefix + "attn_norm.weight", m_shape.nEmbd);
        addMatrix(prefix + "attn_q.weight", m_shape.nEmbd, nQuery);
        addMatrix(prefix + "attn_k.weight", m_shape.nEmbd, nKv);
        addMatrix(prefix + "attn_v.weight", m_shape.nEmbd, nKv);
        addMatrix(prefix + "attn_output.weight", nQuery, m_shape.nEmbd);
        addNorm(prefix + "ffn_norm.weight", m_shape.nEmbd);
        if (m_shape.isMixture()) {
            addMixture(prefix);
            return;
        }
        addMatrix(prefix + "ffn_gate.weight", m_shape.nEmbd, m_shape.nFeedForward);
        addMatrix(prefix + "ffn_up.weight", m_shape.nEmbd, m_shape.nFeedForward);
        addMatrix(prefix + "ffn_down.weight", m_shape.nFeedForward, m_shape.nEmbd);
    }

    // The router stays F32, as in every file.
    void addMixture(const std::string& prefix) {
        addNorm(prefix + "attn_q_norm.weight", m_shape.headDim);
        addNorm(prefix + "attn_k_norm.weight", m_shape.headDim);
        addMatrix(prefix + "ffn_gate_inp.weight", m_shape.nEmbd, m_shape.nExperts);
        addMatrix(prefix + "ffn_gate_exps.weight", m_shape.nEmbd, m_shape.nFeedForward,
                  m_shape.nExperts);
        addMatrix(prefix + "ffn_up_exps.weight", m_shape.nEmbd, m_shape.nFeedForward,
                  m_shape.nExperts);
        addMatrix(prefix + "ffn_down_exps.weight", m_shape.nFeedForward, m_shape.nEmbd,
                  m_shape.nExperts);
    }

    void addNorm(std::string name, std::int64_t width) {
        m_tensors.push_back({std::move(name), DType::F32, {width}});
    }

    // nMatrices: behind one another, a mixture's experts.
    void addMatrix(std::string name, std::int64_t nCols, std::int64_t nRows,
                   std::int64_t nMatrices = 1) {
        std::vector<std::int64_t> shape{nCols, nRows};
        if (nMatrices > 1) shape.push_back(nMatrices);
        m_tensors.push_back({std::move(name), DType::F32, std::move(shape)});
    }

    // One type for all matrices, or those of a mix. What has no kernels has no random weights.
    Status chooseTensorTypes() {
        const auto one = dtypeFromName(m_type);
        const auto mix = mixFromName(m_type);
        const std::vector<ChosenType> chosen =
            mix && !one ? mixed(*mix) : std::vector<ChosenType>();
        for (std::size_t index = 0; index < m_tensors.size(); ++index) {
            GgufTensorPlan& tensor = m_tensors[index];
            if (isKeptAsItIs({tensor.name, tensor.shape})) continue;
            const std::optional<DType> type = chosen.empty() ? one : chosen[index].type;
            if (!type || !hasKernels(*type)) return unknownType();
            tensor.type = *type;
        }
        return {};
    }

    std::vector<ChosenType> mixed(Mix mix) const {
        std::vector<MixTensor> tensors;
        for (const GgufTensorPlan& tensor : m_tensors)
            tensors.push_back({tensor.name, tensor.shape});
        MixFacts facts;
        facts.architecture = m_shape.isMixture() ? "qwen3moe" : "llama";
        facts.nLayers = m_shape.nLayers;
        facts.nHeads = m_shape.nHeads;
        facts.nKvHeads = m_shape.nKvHeads;
        facts.nExperts = m_shape.nExperts;
        return chooseTypes(mix, facts, tensors);
    }

    tl::unexpected<Error> unknownType() const {
        std::string known;
        for (const DType one : kernelDTypes())
            known += (known.empty() ? "" : ", ") + std::string(dtypeTraits(one).name);
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("The weight type '{}' is not known; choose {} or a mix: Q4_K_S, "
                                "Q4_K_M, Q5_K_S, Q5_K_M.",
                                m_type, known));
    }

    const SyntheticShape& m_shape;
    std::string_view m_type;
    GgufWriter m_writer;
    std::vector<GgufTensorPlan> m_tensors;
};

// What randomModelFile() (model/loader.h) makes of the header alone: norms are ones, matrices
// random.
GgufRowSource randomSource(const GgufWriter& writer, std::uint64_t seed) {
    std::vector<GgufTensorPlan> tensors(writer.tensors().begin(), writer.tensors().end());
    return [tensors = std::move(tensors), seed](const GgufRowRange& range,
                                                std::span<std::byte> out) -> Status {
        const GgufTensorPlan& tensor = tensors[range.tensorIndex];
        if (tensor.shape.size() == 1) {
            const std::vector<float> ones(static_cast<std::size_t>(tensor.shape[0]), 1.0f);
            std::copy_n(reinterpret_cast<const std::byte*>(ones.data()), out.size(), out.begin());
            return {};
        }
        std::int64_t nRows = 1;
        for (std::size_t dim = 1; dim < tensor.shape.size(); ++dim) nRows *= tensor.shape[dim];
        fillRandomRows(randomMatrix(tensor.type, tensor.shape[0], nRows, seed, range.tensorIndex),
                       range.firstRow, range.nRows, out);
        return {};
    };
}

}  // namespace

const SyntheticShape* findShape(std::string_view name) {
    const auto found = std::ranges::find(kShapes, name, &SyntheticShape::name);
    return found == kShapes.end() ? nullptr : &*found;
}

Result<SyntheticModel> planSyntheticModel(const SyntheticShape& shape, std::string_view type,
                                          std::uint64_t seed) {
    SOTTO_ASSIGN(GgufWriter writer, Planner(shape, type).plan());
    SOTTO_TRY(writer.fileBytes());  // says when rows do not fit the type's blocks
    GgufRowSource source = randomSource(writer, seed);
    return SyntheticModel{std::move(writer), std::move(source)};
}

Result<SyntheticModel> planSyntheticModel(std::string_view description, std::uint64_t seed,
                                          std::int32_t nLayers) {
    const std::size_t colon = description.find(':');
    const std::string_view name = description.substr(0, colon);
    const SyntheticShape* const found = findShape(name);
    if (found == nullptr || colon == std::string_view::npos)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is not SHAPE:TYPE with one of the shapes llama-1b, llama-8b, "
                                "llama-32b, llama-70b, qwen3-30b-a3b, as in llama-1b:Q4_K_M.",
                                description),
                    std::string(description));
    SyntheticShape shape = *found;
    if (nLayers > 0) shape.nLayers = nLayers;
    return planSyntheticModel(shape, description.substr(colon + 1), seed);
}

}  // namespace sotto
