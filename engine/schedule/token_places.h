// Where the tokens of a text stand in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/api/tokenizer.h"

namespace sotto {

// Where each token begins in the text, and where the last one ends: one more than there are tokens.
// Nothing where they are not the text's bytes one after another, as with a tokenizer that changes
// what it reads.
std::optional<std::vector<std::size_t>> tokenBeginnings(const Tokenizer& tokenizer,
                                                        std::string_view text,
                                                        std::span<const std::int32_t> tokens);

}  // namespace sotto
