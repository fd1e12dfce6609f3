#include "tests/support/tiny_gguf.h"

#include <cmath>
#include <span>
#include <utility>

#include "base/check.h"
#include "engine/quant/quantize_reference.h"
#include "engine/quant/random_bits.h"
#include "tests/support/tiny_vocabulary.h"

namespace sotto::test {
namespace {

// A counter-based generator (the finaliser of splitmix64): value n needs no state, so any row can
// be made alone.
std::uint64_t scramble(std::uint64_t value) { return mixBits(value + kGoldenRatio); }

// Uniform in [-1, 1), on a grid of 2^-23 that float holds exactly.
float uniform(std::uint64_t key, std::uint64_t index) {
    const std::uint64_t bits = scramble(key + scramble(index)) >> 40;
    return static_cast<float>(static_cast<std::int64_t>(bits) - (std::int64_t{1} << 23)) * 0x1p-23f;
}

std::uint64_t tensorKey(const std::string& name, std::uint64_t seed) {
    std::uint64_t key = scramble(seed);
    for (const char letter : name) key = scramble(key ^ static_cast<unsigned char>(letter));
    return key;
}

void fillRows(const GgufTensorPlan& tensor, std::uint64_t seed, std::int64_t firstRow,
              std::span<float> out) {
    const std::uint64_t key = tensorKey(tensor.name, seed);
    const auto nCols = static_cast<std::uint64_t>(tensor.shape.front());
    const auto firstIndex = static_cast<std::uint64_t>(firstRow) * nCols;
    const bool isNorm = tensor.name.find("norm") != std::string::npos;
    const bool isBias = tensor.name.ends_with(".bias");
    // A uniform variable in [-1, 1) has variance 1/3.
    const float scale =
        isNorm || isBias ? 0.1f : std::sqrt(3.0f / static_cast<float>(tensor.shape.front()));
    const float offset = isNorm ? 1.0f : 0.0f;
    for (std::size_t index = 0; index < out.size(); ++index)
        out[index] = offset + scale * uniform(key, firstIndex + index);
}

void addHyperParameters(GgufWriter& writer, const TinyModel& model) {
    const std::string& arch = model.architecture;
    writer.addValue("general.architecture", arch);
    writer.addValue("general.name", "tiny " + arch);
    writer.addValue(arch + ".vocab_size", model.nVocab);
    writer.addValue(arch + ".context_length", model.nContext);
    writer.addValue(arch + ".embedding_length", model.nEmbd);
    writer.addValue(arch + ".block_count", model.nLayers);
    writer.addValue(arch + ".feed_forward_length", model.nFf);
    if (model.nExperts > 0) {
        writer.addValue(arch + ".expert_count", model.nExperts);
        writer.addValue(arch + ".expert_used_count", model.nExpertsUsed);
        writer.addValue(arch + ".expert_feed_forward_length", model.nFf);
    }
    writer.addValue(arch + ".attention.head_count", model.nHeads);
    writer.addValue(arch + ".attention.head_count_kv", model.nKvHeads);
    writer.addValue(arch + ".attention.key_length", model.headDim);
    writer.addValue(arch + ".attention.value_length", model.headDim);
    writer.addValue(arch + ".attention.layer_norm_rms_epsilon", model.normEpsilon);
    writer.addValue(arch + ".rope.dimension_count", model.headDim);
    writer.addValue(arch + ".rope.freq_base", model.ropeBase);
}

void addVocabulary(GgufWriter& writer, const TinyModel& model) {
    TinyVocabulary vocabulary = tinyVocabulary(model.nVocab);
    SOTTO_CHECK(vocabulary.pieces.size() == model.nVocab);
    writer.addValue("tokenizer.ggml.model", std::string("llama"));
    writer.addValue("tokenizer.ggml.pre", std::string("default"));
    writer.addValue("tokenizer.ggml.tokens", std::move(vocabulary.pieces));
    writer.addValue("tokenizer.ggml.scores", std::move(vocabulary.scores));
    writer.addValue("tokenizer.ggml.token_type", std::move(vocabulary.types));
    writer.addValue("tokenizer.ggml.unknown_token_id", vocabulary.unknownId);
    writer.addValue("tokenizer.ggml.bos_token_id", vocabulary.bosId);
    writer.addValue("tokenizer.ggml.eos_token_id", vocabulary.eosId);
    writer.addValue("tokenizer.ggml.add_bos_token", true);
    writer.addValue("tokenizer.ggml.add_space_prefix", true);
    if (!model.chatTemplate.empty()) writer.addValue("tokenizer.chat_template", model.chatTemplate);
}

void addExperts(GgufWriter& writer, const TinyModel& model, const std::string& prefix) {
    const std::int64_t nEmbd = model.nEmbd;
    const std::int64_t nFf = model.nFf;
    const std::int64_t nExperts = model.nExperts;
    const DType type = model.feedForwardType;
    writer.addTensor({prefix + "ffn_gate_inp.weight", DType::F32, {nEmbd, nExperts}});
    writer.addTensor({prefix + "ffn_gate_exps.weight", type, {nEmbd, nFf, nExperts}});
    writer.addTensor({prefix + "ffn_up_exps.weight", type, {nEmbd, nFf, nExperts}});
    writer.addTensor({prefix + "ffn_down_exps.weight", type, {nFf, nEmbd, nExperts}});
}

void addLayer(GgufWriter& writer, const TinyModel& model, std::uint32_t layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    const std::int64_t nEmbd = model.nEmbd;
    const std::int64_t nFf = model.nFf;
    const std::int64_t headDim = model.headDim;
    const std::int64_t qDim = headDim * model.nHeads;
    const std::int64_t kvDim = headDim * model.nKvHeads;
    const auto vector = [&](const char* name, std::int64_t size) {
        writer.addTensor({prefix + name, DType::F32, {size}});
    };
    const auto matrix = [&](const char* name, DType type, std::int64_t nCols, std::int64_t nRows) {
        writer.addTensor({prefix + name, type, {nCols, nRows}});
    };
    vector("attn_norm.weight", nEmbd);
    matrix("attn_q.weight", model.attentionType, nEmbd, qDim);
    matrix("attn_k.weight", model.attentionType, nEmbd, kvDim);
    matrix("attn_v.weight", model.attentionType, nEmbd, kvDim);
    matrix("attn_output.weight", model.attentionType, qDim, nEmbd);
    if (model.hasInputBias.value_or(model.architecture == "qwen2")) {
        vector("attn_q.bias", qDim);
        vector("attn_k.bias", kvDim);
        vector("attn_v.bias", kvDim);
    }
    if (model.architecture.starts_with("qwen3")) {
        vector("attn_q_norm.weight", headDim);
        vector("attn_k_norm.weight", headDim);
    }
    vector("ffn_norm.weight", nEmbd);
    if (model.nExperts > 0) {
        addExperts(writer, model, prefix);
        return;
    }
    matrix("ffn_gate.weight", model.feedForwardType, nEmbd, nFf);
    matrix("ffn_up.weight", model.feedForwardType, nEmbd, nFf);
    matrix("ffn_down.weight", model.feedForwardType, nFf, nEmbd);
}

}  // namespace

TinyModel cardModel() {
    TinyModel model = withTypes({}, DType::Q8_0);
    model.nLayers = 1;
    model.nHeads = 2;
    model.nKvHeads = 1;
    model.headDim = 64;
    return model;
}

TinyModel withTypes(TinyModel model, DType type) {
    model.embeddingType = type;
    model.attentionType = type;
    model.feedForwardType = type;
    model.outputType = type;
    return model;
}

GgufWriter describeTinyModel(const TinyModel& model) {
    GgufWriter writer;
    addHyperParameters(writer, model);
    addVocabulary(writer, model);
    writer.addTensor({"token_embd.weight", model.embeddingType, {model.nEmbd, model.nVocab}});
    for (std::uint32_t layer = 0; layer < model.nLayers; ++layer) addLayer(writer, model, layer);
    writer.addTensor({"output_norm.weight", DType::F32, {model.nEmbd}});
    if (model.hasOutputHead)
        writer.addTensor({"output.weight", model.outputType, {model.nEmbd, model.nVocab}});
    return writer;
}

std::vector<float> tinyTensorValues(const GgufTensorPlan& tensor, std::uint64_t seed) {
    std::size_t nElements = 1;
    for (const std::int64_t size : tensor.shape) nElements *= static_cast<std::size_t>(size);
    std::vector<float> values(nElements);
    fillRows(tensor, seed, 0, values);
    return values;
}

GgufRowSource tinyWeights(const GgufWriter& writer, std::uint64_t seed) {
    return [&writer, seed](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const GgufTensorPlan& tensor = writer.tensors()[range.tensorIndex];
        std::vector<float> values(static_cast<std::size_t>(tensor.shape.front() * range.nRows));
        fillRows(tensor, seed, range.firstRow, values);
        quantizeRow(tensor.type, values, out);
        return {};
    };
}

Result<std::vector<std::byte>> tinyModelBytes(const TinyModel& model) {
    const GgufWriter writer = describeTinyModel(model);
    return writer.toBytes(tinyWeights(writer, model.seed));
}

Status writeTinyModel(const TinyModel& model, const std::filesystem::path& path) {
    const GgufWriter writer = describeTinyModel(model);
    return writer.write(path, tinyWeights(writer, model.seed));
}

}  // namespace sotto::test
