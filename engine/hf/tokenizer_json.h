// The vocabulary in a tokenizer.json, the form of Hugging Face's tokenizers library.
//
// Place: called by readHfVocabulary() alone. Source: the library's own description of its file
// (tokenizers, `Tokenizer::to_string`) and its models' code.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "engine/hf/hf_vocabulary.h"
#include "engine/hf/json_document.h"

namespace sotto {

// Whether its pieces are written in the letters of byte-level BPE.
bool isByteLevelTokenizer(const HfJson& tokenizer);

// Errors: FileDamaged, Unsupported (a kind that is not known, named).
Result<HfVocabulary> parseTokenizerJson(const HfJson& tokenizer, std::int64_t nVocab);

// A token that was added to a vocabulary: "added_tokens" here, "added_tokens_decoder" in
// tokenizer_config.json.
Status putAddedToken(HfVocabulary& vocabulary, std::int64_t id, const HfJson& token);

// Whether the post-processor puts `text` in front of every text; nothing where it says nothing.
std::optional<bool> isPutInFront(const HfJson& tokenizer, const std::string& text);

}  // namespace sotto
