// Judges the character map of a sentencepiece model before the library sees it.
//
// Flow: GGUF tokenizer.ggml.precompiled_charsmap -> checkCharsmap -> SpmTokenizer. The library
// (0.1.97) follows the map's indices without looking, so that a damaged one would be read outside
// its memory. Pure; any thread.
// Source of the layout: sentencepiece's normalizer.cc and darts.h: u32 size of a double-array trie
// in bytes, its units (u32), then the replacement texts, each ended by a zero byte.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sotto {

// Errors: FileDamaged for whatever the library could not follow within its own memory, and for
// maps far beyond any real one (300 KB).
Status checkCharsmap(std::string_view charsmap);

}  // namespace sotto
