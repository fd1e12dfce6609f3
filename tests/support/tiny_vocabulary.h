// A sentencepiece-style vocabulary of a few hundred pieces, ours: three control pieces, the 256
// bytes, and enough letters and merges that "the cat sat on the mat" is not spelled in bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sotto::test {

struct TinyVocabulary {
    std::vector<std::string> pieces;
    std::vector<float> scores;        // higher merges first; 0 for control pieces and bytes
    std::vector<std::int32_t> types;  // GGUF token types: 1 normal, 2 unknown, 3 control, 5 unused,
                                      // 6 byte
    std::uint32_t unknownId = 0;
    std::uint32_t bosId = 1;
    std::uint32_t eosId = 2;
};

// At least `nMinimum` pieces: unused ones are appended when there are fewer.
TinyVocabulary tinyVocabulary(std::size_t nMinimum = 0);

}  // namespace sotto::test
