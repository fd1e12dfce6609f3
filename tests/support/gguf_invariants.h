// What must hold for every GgufFile that the reader accepted, whatever the bytes were.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/gguf/gguf_reader.h"

namespace sotto::test {

// Empty when all is well, else a sentence. Touches the ends of every tensor and every string of the
// metadata, so that a sanitizer sees a view that points outside.
std::string brokenInvariant(const GgufFile& file, std::span<const std::byte> bytes);

}  // namespace sotto::test
