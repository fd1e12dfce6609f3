// A Vocabulary written as the bytes of sentencepiece's ModelProto, which libsentencepiece loads.
//
// The library ships neither its .proto file nor the generated header, and exports its own copy of
// protobuf: so the few fields needed are written by hand. Source: field numbers of
// sentencepiece_model.proto (0.1.97).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/token/vocabulary.h"

namespace sotto {

struct SentencepieceModel {
    std::string bytes;
    // The piece that stands for characters the vocabulary does not cover: the vocabulary's own, or
    // vocabulary.size() for one that had to be appended because it has none.
    std::int32_t unknownPiece = 0;
    bool hasByteFallback = false;  // all 256 byte pieces are there
};

// Repairs what the library refuses and real files contain: empty and duplicate pieces, several
// unknown pieces or none, an incomplete set of byte pieces. Ids never move.
SentencepieceModel makeSentencepieceModel(const Vocabulary& vocabulary);

// The byte of a piece "<0x41>"; -1 for any other text.
std::int32_t byteOfPiece(std::string_view text);

}  // namespace sotto
