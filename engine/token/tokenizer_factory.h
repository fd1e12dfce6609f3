// Chooses the tokenizer for a vocabulary. loadTokenizer() of engine/api is this plus opening the
// file; the model loader calls it with metadata it already has.
#pragma once

#include <memory>

#include "engine/api/tokenizer.h"
#include "engine/token/vocabulary.h"

namespace sotto {

// Errors: Unsupported names the tokenizer or pre-tokenizer; FileDamaged as readVocabulary.
Result<std::unique_ptr<Tokenizer>> makeTokenizer(const Vocabulary& vocabulary);
Result<std::unique_ptr<Tokenizer>> makeTokenizer(const GgufMetadata& metadata);

// Whether such a tokenizer is known, by its name alone: for lists of files, where reading each
// vocabulary would take longer than all the rest. Errors: Unsupported, as above.
Status checkTokenizer(const GgufMetadata& metadata);

}  // namespace sotto
