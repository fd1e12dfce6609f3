// The letters that byte-level BPE writes bytes with: printable bytes stand for themselves, the
// others for U+0100 onwards, so that a vocabulary is readable text ("Ġthe" is " the").
//
// Source: GPT-2 (Radford et al. 2019), the table of its encoder. Free functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sotto {

// The bytes that a vocabulary entry stands for. Characters outside the table stay as they are.
std::string bytesOfLetters(std::string_view letters);

// The other way round: the letters of any bytes.
std::string lettersOfBytes(std::string_view bytes);

}  // namespace sotto
