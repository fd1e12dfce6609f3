// The tokens that a chat template writes around its turns, whatever type their file gives them.
//
// Many files type "<|im_end|>" as an ordinary or user-defined piece. Such tokens become control
// tokens: a template's own are parsed as tokens, end an answer and are not shown, and text of a
// message never becomes one. Part of making a tokenizer from a file.
#pragma once

#include <string_view>

#include "engine/token/vocabulary.h"

namespace sotto {

// `templateSource` empty or unusable: the markers of ChatML, which is used then. Markers of
// thinking and of calls stay what they are, since they are part of an answer, and so do ordinary
// pieces that merges reach ("[i]"), unless the file names one as its bos or eos.
void typeTurnMarkers(Vocabulary& vocabulary, std::string_view templateSource);

}  // namespace sotto
