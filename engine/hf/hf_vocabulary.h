// HfVocabulary: a model's tokens as its folder has them, on the way to the tokenizer.* keys.
//
// Flow: readHfVocabulary() chooses between tokenizer.json (byte-level BPE, or BPE with a byte for
// what it does not know) and tokenizer.model (sentencepiece), and adds what tokenizer_config.json,
// generation_config.json and the template's file say; hf_model writes the keys. Plain values. What
// the keys mean: ggml docs/gguf.md, "Tokenizer".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/hf/hf_config.h"

namespace sotto {

// As in tokenizer.ggml.token_type.
enum class HfTokenType : std::int32_t {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
};

struct HfVocabulary {
    std::string model;                // tokenizer.ggml.model: "gpt2" or "llama"
    std::string preTokenizer;         // tokenizer.ggml.pre
    std::vector<std::string> texts;   // [nVocab]
    std::vector<float> scores;        // [nVocab], of sentencepiece; else none
    std::vector<HfTokenType> types;   // [nVocab]
    std::vector<std::string> merges;  // "left right", of byte-level BPE
    // By the names of the keys: "bos", "eos", "eot", "eom", "unknown", "padding".
    std::map<std::string, std::uint32_t> ids;
    std::optional<bool> isAddingBos;
    std::optional<bool> isAddingEos;
    std::optional<bool> isAddingSpacePrefix;
    std::string chatTemplate;  // empty: none

    // All unused, as many as the model has rows of its embedding.
    static HfVocabulary ofSize(std::int64_t nVocab);
    // Errors: FileDamaged where `id` is not below the size.
    Status put(std::int64_t id, const std::string& text, float score, HfTokenType type);
    std::optional<std::uint32_t> find(const std::string& text) const;
};

// Errors: FileNotFound (no tokenizer in the folder), those of the files, Unsupported (a kind of
// tokenizer, or a way to cut words, that is not known). `files` gets what was read.
Result<HfVocabulary> readHfVocabulary(const std::filesystem::path& folder, const HfConfig& config,
                                      std::vector<std::filesystem::path>& files);

void addVocabularyKeys(const HfVocabulary& vocabulary, GgufWriter& writer);

// Of a sentencepiece model (ModelProto). Errors: FileDamaged, Unsupported (not of the kind BPE).
Result<HfVocabulary> parseSentencepiece(std::span<const std::byte> bytes, std::int64_t nVocab,
                                        const std::string& fileName);

}  // namespace sotto
