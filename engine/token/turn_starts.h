// The tokens with which chat formats begin somebody's turn: a model that samples one in the middle
// of its answer has gone on to the next turn. Pure; any thread.
#pragma once

#include <string_view>

namespace sotto {

// Whether the text of a token is one of those, whatever type its file gives it: "[INST]" is an
// ordinary piece in many. Harmony's "<|start|>" is none: there an answer has several messages.
bool isTurnStartText(std::string_view tokenText);

}  // namespace sotto
