// The vocabulary of a model as its file has it: pieces, scores, types, merges and special ids.
//
// Flow: GGUF metadata -> Vocabulary -> makeTokenizer(). Plain data; a tokenizer takes what it needs
// and the rest is dropped after loading. Source: ggml docs/gguf.md, section "Tokenizer".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_metadata.h"

namespace sotto {

// Numbers as in tokenizer.ggml.token_type, which are those of sentencepiece's ModelProto too.
enum class TokenType : std::uint8_t {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
};

// Longer than every real special token. A hostile one of megabytes would cost a trie node per byte
// and, in a text that repeats its beginning, an attempt of its length at each place.
constexpr std::size_t kMaxSpecialBytes = 256;

struct Vocabulary {
    std::string model;         // "llama" (sentencepiece BPE), "t5" (unigram), "gpt2" (byte BPE)
    std::string preTokenizer;  // tokenizer.ggml.pre; empty when the file names none

    std::vector<std::string> texts;   // [nTokens] as the file has them, possibly padded or empty
    std::vector<float> scores;        // [nTokens]; 0 where the file has none
    std::vector<TokenType> types;     // [nTokens]
    std::vector<std::string> merges;  // "left right", most frequent first; byte BPE only

    // -1: none
    std::int32_t bosToken = -1;
    std::int32_t eosToken = -1;
    std::int32_t eotToken = -1;
    std::int32_t eomToken = -1;
    std::vector<std::int32_t> moreEndTokens;  // where the file lists several EOS tokens
    std::int32_t unknownToken = -1;

    std::optional<bool> isAddingBos;  // unset: the default of the tokenizer's kind
    bool isAddingSpacePrefix = true;
    bool isRemovingExtraWhitespaces = false;
    std::string precompiledCharsmap;  // sentencepiece's normalisation table; empty: identity

    std::int32_t size() const { return static_cast<std::int32_t>(texts.size()); }
};

// Byte-level vocabularies have their ordinary pieces in the letters of byte_level.h; what was added
// to them, and all of sentencepiece, is written as it is.
bool isWrittenInLetters(const Vocabulary& vocabulary, std::int32_t token);

// The text of a token as templates and people write it; empty for an id outside the vocabulary.
std::string plainText(const Vocabulary& vocabulary, std::int32_t token);

// Errors: Unsupported (the file has no vocabulary), FileDamaged (arrays that do not fit together).
Result<Vocabulary> readVocabulary(const GgufMetadata& metadata);

}  // namespace sotto
