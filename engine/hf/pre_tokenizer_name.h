// The name that a GGUF gives to the way in which a tokenizer.json cuts text into words
// (tokenizer.ggml.pre).
//
// The field's converter knows these ways by a hash of what a test text becomes; here they are known
// by their expressions, which are what the names stand for (engine/token/pretokenize.h). Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/hf/json_document.h"

namespace sotto {

// Errors: Unsupported.
Result<std::string> preTokenizerName(const HfJson& tokenizer);

}  // namespace sotto
