#include "tests/engine/hf/hf_folder.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "base/half.h"
#include "tests/support/golden_files.h"
#include "tests/support/raw_safetensors.h"

namespace sotto::test {
namespace {

using Json = nlohmann::ordered_json;

std::string architectureOf(const GgufFile& model) {
    return std::string(*model.metadata().string("general.architecture"));
}

std::int64_t keyOf(const GgufFile& model, const std::string& name, std::int64_t otherwise = 0) {
    return model.metadata().integer(architectureOf(model) + "." + name).value_or(otherwise);
}

double realOf(const GgufFile& model, const std::string& name) {
    return model.metadata().real(architectureOf(model) + "." + name).value_or(0);
}

std::string classOf(const GgufFile& model) {
    const std::string name = architectureOf(model);
    if (name == "llama")
        return keyOf(model, "expert_count") > 0 ? "MixtralForCausalLM" : "LlamaForCausalLM";
    if (name == "qwen2") return "Qwen2ForCausalLM";
    return name == "qwen3" ? "Qwen3ForCausalLM" : "Qwen3MoeForCausalLM";
}

Json configOf(const GgufFile& model, const HfFolderOptions& options) {
    const std::string name = options.architecture.empty() ? classOf(model) : options.architecture;
    Json config{{"architectures", Json::array({name})},
                {"hidden_size", keyOf(model, "embedding_length")},
                {"intermediate_size", keyOf(model, "feed_forward_length")},
                {"max_position_embeddings", keyOf(model, "context_length")},
                {"num_attention_heads", keyOf(model, "attention.head_count")},
                {"num_hidden_layers", keyOf(model, "block_count")},
                {"num_key_value_heads", keyOf(model, "attention.head_count_kv")},
                {"rms_norm_eps", realOf(model, "attention.layer_norm_rms_epsilon")},
                {"rope_theta", realOf(model, "rope.freq_base")},
                {"tie_word_embeddings", options.isTied || model.find("output.weight") == nullptr},
                {"vocab_size", keyOf(model, "vocab_size")}};
    if (const auto headDim = keyOf(model, "attention.key_length")) config["head_dim"] = headDim;
    if (const auto nExperts = keyOf(model, "expert_count")) {
        config[name == "MixtralForCausalLM" ? "num_local_experts" : "num_experts"] = nExperts;
        config["num_experts_per_tok"] = keyOf(model, "expert_used_count");
        config["norm_topk_prob"] = true;
        if (const auto width = keyOf(model, "expert_feed_forward_length"))
            config["moe_intermediate_size"] = width;
    }
    const auto scaling =
        model.metadata().string(architectureOf(model) + ".rope.scaling.type").value_or("");
    if (!options.ropeScaling.empty()) {
        config["rope_scaling"] = Json::parse(quoted(options.ropeScaling));
    } else if (!scaling.empty()) {
        config["rope_scaling"] = {{"type", std::string(scaling)},
                                  {"factor", realOf(model, "rope.scaling.factor")}};
        if (const auto original = keyOf(model, "rope.scaling.original_context_length"))
            config["rope_scaling"]["original_max_position_embeddings"] = original;
    }
    Json ends = Json::array();
    for (const char* end : {"eos", "eot"})
        if (const auto id =
                model.metadata().integer(std::string("tokenizer.ggml.") + end + "_token_id"))
            ends.push_back(*id);
    config["eos_token_id"] = ends.size() == 1 ? ends.front() : ends;
    config["bos_token_id"] = *model.metadata().integer("tokenizer.ggml.bos_token_id");
    return config;
}

const std::map<std::string, std::string>& storedNames(bool isMixtral) {
    static const std::map<std::string, std::string> kNames{
        {"attn_norm", "input_layernorm"},
        {"ffn_norm", "post_attention_layernorm"},
        {"attn_q", "self_attn.q_proj"},
        {"attn_k", "self_attn.k_proj"},
        {"attn_v", "self_attn.v_proj"},
        {"attn_output", "self_attn.o_proj"},
        {"attn_q_norm", "self_attn.q_norm"},
        {"attn_k_norm", "self_attn.k_norm"},
        {"ffn_gate", "mlp.gate_proj"},
        {"ffn_up", "mlp.up_proj"},
        {"ffn_down", "mlp.down_proj"},
        {"ffn_gate_inp", "mlp.gate"},
        {"ffn_gate_exps", "mlp.experts.*.gate_proj"},
        {"ffn_up_exps", "mlp.experts.*.up_proj"},
        {"ffn_down_exps", "mlp.experts.*.down_proj"}};
    static const std::map<std::string, std::string> kMixtral = [] {
        auto names = kNames;
        names["ffn_gate_inp"] = "block_sparse_moe.gate";
        names["ffn_gate_exps"] = "block_sparse_moe.experts.*.w1";
        names["ffn_up_exps"] = "block_sparse_moe.experts.*.w3";
        names["ffn_down_exps"] = "block_sparse_moe.experts.*.w2";
        return names;
    }();
    return isMixtral ? kMixtral : kNames;
}

// "blk.3.attn_q.weight" to "model.layers.3.self_attn.q_proj.weight"; empty: not stored.
std::string storedName(const std::string& name, bool isMixtral) {
    if (name == "token_embd.weight") return "model.embed_tokens.weight";
    if (name == "output_norm.weight") return "model.norm.weight";
    if (name == "output.weight") return "lm_head.weight";
    if (!name.starts_with("blk.")) return {};
    const std::size_t layerEnd = name.find('.', 4), kind = name.rfind('.');
    const std::string layer = name.substr(4, layerEnd - 4);
    const std::string part = name.substr(layerEnd + 1, kind - layerEnd - 1);
    return "model.layers." + layer + "." + storedNames(isMixtral).at(part) + name.substr(kind);
}

std::vector<float> floatsOf(const GgufTensor& tensor) {
    std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

// Neighbours of a head become its two halves.
std::vector<float> unpaired(const std::vector<float>& values, std::size_t nColumns,
                            std::size_t headDim) {
    std::vector<float> result(values.size());
    const std::size_t nRows = values.size() / nColumns;
    for (std::size_t head = 0; head < nRows / headDim; ++head)
        for (std::size_t pair = 0; pair < headDim / 2; ++pair)
            for (std::size_t half = 0; half < 2; ++half)
                for (std::size_t column = 0; column < nColumns; ++column)
                    result[(head * headDim + half * (headDim / 2) + pair) * nColumns + column] =
                        values[(head * headDim + 2 * pair + half) * nColumns + column];
    return result;
}

RawStored stored(const std::string& name, const std::vector<float>& values,
                 std::vector<std::int64_t> shape, const std::string& type) {
    RawStored result{name, type, std::move(shape), {}};
    if (type == "F32") {
        result.bytes = bytesOf(values);
        return result;
    }
    for (const float value : values) {
        const std::uint16_t bits = type == "F16" ? toHalf(value).bits : toBFloat16(value).bits;
        result.bytes.push_back(static_cast<std::byte>(bits & 0xff));
        result.bytes.push_back(static_cast<std::byte>(bits >> 8));
    }
    return result;
}

void addTensor(const GgufFile& model, const GgufTensor& tensor, const HfFolderOptions& options,
               std::vector<RawStored>& out) {
    const std::string name = storedName(
        tensor.name, keyOf(model, "expert_count") > 0 && architectureOf(model) == "llama");
    if (name.empty() || (options.isTied && tensor.name == "output.weight")) return;
    std::vector<float> values = floatsOf(tensor);
    const bool isRotated = tensor.name.find("attn_q.") != std::string::npos ||
                           tensor.name.find("attn_k.") != std::string::npos;
    if (isRotated && architectureOf(model) == "llama") {
        const std::int64_t headDim =
            keyOf(model, "attention.key_length",
                  keyOf(model, "embedding_length") / keyOf(model, "attention.head_count"));
        const std::int64_t nColumns = tensor.shape.size() == 1 ? 1 : tensor.shape.front();
        values =
            unpaired(values, static_cast<std::size_t>(nColumns), static_cast<std::size_t>(headDim));
    }
    std::vector<std::int64_t> shape(tensor.shape.rbegin(), tensor.shape.rend());
    const std::string type = shape.size() == 1 ? "F32" : options.type;
    if (shape.size() < 3) {
        out.push_back(stored(name, values, shape, type));
        return;
    }
    const auto size = static_cast<std::ptrdiff_t>(shape[1] * shape[2]);
    for (std::int64_t expert = 0; expert < shape[0]; ++expert) {
        const auto begin = values.begin() + expert * size;
        std::string one = name;
        one.replace(one.find('*'), 1, std::to_string(expert));
        out.push_back(stored(one, {begin, begin + size}, {shape[1], shape[2]}, type));
    }
}

bool writeWeights(const GgufFile& model, const std::filesystem::path& folder,
                  const HfFolderOptions& options) {
    std::vector<RawStored> tensors;
    for (const GgufTensor& tensor : model.tensors()) addTensor(model, tensor, options, tensors);
    if (options.nParts == 1)
        return writeBytes(folder / "model.safetensors", RawSafetensors{tensors}.bytes());
    std::vector<RawSafetensors> parts(static_cast<std::size_t>(options.nParts));
    Json index{{"metadata", Json::object()}, {"weight_map", Json::object()}};
    const auto fileOf = [](std::size_t part) {
        return "model-" + std::to_string(part) + ".safetensors";
    };
    for (std::size_t at = 0; at < tensors.size(); ++at) {
        const std::size_t part = at % parts.size();
        index["weight_map"][tensors[at].name] = fileOf(part);
        parts[part].tensors.push_back(std::move(tensors[at]));
    }
    for (std::size_t part = 0; part < parts.size(); ++part)
        if (!writeBytes(folder / fileOf(part), parts[part].bytes())) return false;
    return writeText(folder / "model.safetensors.index.json", index.dump());
}

// Byte-level BPE as a tokenizer.json.
Json tokenizerJson(const GgufFile& model) {
    const GgufMetadata& keys = model.metadata();
    const auto& texts = *keys.strings("tokenizer.ggml.tokens");
    const auto types = *keys.integers("tokenizer.ggml.token_type");
    const bool isLlama = keys.string("tokenizer.ggml.pre") == "llama-bpe";
    const std::string words =
        std::string("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}") +
        (isLlama ? "{1,3}" : "") + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    Json vocabulary = Json::object(), added = Json::array(), merges = Json::array();
    for (std::size_t id = 0; id < texts.size(); ++id) {
        const std::string text(texts[id]);
        // An unused one has no place here: its number is missing.
        if (types[id] == 5) continue;
        if (types[id] == 3)
            added.push_back({{"id", id}, {"content", text}, {"special", true}});
        else
            vocabulary[text] = id;
    }
    for (const std::string_view merge : *keys.strings("tokenizer.ggml.merges"))
        merges.push_back(std::string(merge));
    const Json split{{"type", "Split"},
                     {"pattern", {{"Regex", words}}},
                     {"behavior", "Isolated"},
                     {"invert", false}};
    const Json letters{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
    return {
        {"added_tokens", added},
        {"normalizer", isLlama ? Json() : Json{{"type", "NFC"}}},
        {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", Json::array({split, letters})}}},
        {"model",
         {{"type", "BPE"}, {"ignore_merges", isLlama}, {"vocab", vocabulary}, {"merges", merges}}}};
}

// A number of a protocol buffer.
void putVarint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

void putBytes(std::string& out, int field, const std::string& bytes) {
    putVarint(out, static_cast<std::uint64_t>(field) << 3 | 2);
    putVarint(out, bytes.size());
    out += bytes;
}

// Sentencepiece as a tokenizer.model.
std::string sentencepieceModel(const GgufFile& model) {
    const GgufMetadata& keys = model.metadata();
    const auto& texts = *keys.strings("tokenizer.ggml.tokens");
    const auto types = *keys.integers("tokenizer.ggml.token_type");
    const auto scores = *keys.reals("tokenizer.ggml.scores");
    std::string file;
    for (std::size_t id = 0; id < texts.size(); ++id) {
        std::string piece;
        putBytes(piece, 1, std::string(texts[id]));
        const auto score = static_cast<float>(scores[id]);
        putVarint(piece, 2 << 3 | 5);
        piece.append(reinterpret_cast<const char*>(&score), sizeof(score));
        if (types[id] != 1) {
            putVarint(piece, 3 << 3);
            putVarint(piece, static_cast<std::uint64_t>(types[id]));
        }
        putBytes(file, 1, piece);
    }
    std::string trainer;
    putVarint(trainer, 3 << 3);
    putVarint(trainer, 2);
    putBytes(file, 2, trainer);
    return file;
}

}  // namespace

bool writeHfFolder(const GgufFile& model, const std::filesystem::path& folder,
                   const HfFolderOptions& options) {
    std::filesystem::create_directories(folder);
    Json tokenizerConfig = Json::object();
    if (const auto isAdding = model.metadata().boolean("tokenizer.ggml.add_bos_token"))
        tokenizerConfig["add_bos_token"] = *isAdding;
    if (const auto isAdding = model.metadata().boolean("tokenizer.ggml.add_space_prefix"))
        tokenizerConfig["add_prefix_space"] = *isAdding;
    if (!options.chatTemplate.empty()) tokenizerConfig["chat_template"] = options.chatTemplate;
    const bool isByteLevel = model.metadata().string("tokenizer.ggml.model") == "gpt2";
    const bool isTokenizerWritten =
        isByteLevel ? writeText(folder / "tokenizer.json", tokenizerJson(model).dump())
                    : writeText(folder / "tokenizer.model", sentencepieceModel(model));
    return isTokenizerWritten && writeWeights(model, folder, options) &&
           writeText(folder / "tokenizer_config.json", tokenizerConfig.dump()) &&
           writeText(folder / "config.json", configOf(model, options).dump());
}

}  // namespace sotto::test
