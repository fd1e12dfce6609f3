// Whether the tokens of two models mean the same, so that one may guess for the other. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>

#include "engine/token/vocabulary.h"

namespace sotto {

// Why a model of `draft` cannot guess for one of `model`, as a sentence; nothing where it can: the
// same texts and kinds under the same ids, and the same tokens to begin and to end with. What the
// longer vocabulary has beyond the other is unused: files round their numbers of rows up.
std::optional<std::string> vocabularyMismatch(const Vocabulary& model, const Vocabulary& draft);

}  // namespace sotto
