// What the tokenizer tests share: where the third-party files lie, and readers of their formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/token/vocabulary.h"

namespace sotto::test {

// $SOTTO_SHARED, or ../shared beside the repository; may not exist.
std::filesystem::path sharedDir();

std::string readFile(const std::filesystem::path& path);

struct GoldenRow {
    std::string text;
    std::vector<std::int32_t> ids;
};

// <name>.gguf.inp and .out: texts and the ids they must become, without BOS.
std::vector<GoldenRow> readGgmlVocabGoldens(const std::filesystem::path& ggufPath);

// The rows of goldens.jsonl made by `tokenizer` ("tokenizers/hf/llama2/tokenizer.model").
std::vector<GoldenRow> readTokenizerGoldens(const std::filesystem::path& jsonl,
                                            std::string_view tokenizer);

// A sentencepiece .model file as the Vocabulary that a converter would write into a GGUF file.
Vocabulary readSentencepieceFile(const std::filesystem::path& path);

// Valid UTF-8 of `nCharacters` from all planes with runs of spaces, newlines, digits and letters.
// U+2581 is left out: sentencepiece writes spaces with it, so it cannot be told from a space.
std::string randomUnicode(std::uint64_t seed, int nCharacters);

}  // namespace sotto::test
