// Text of a model, a file or a prompt as a terminal may safely get it.
//
// A terminal obeys control characters: escape sequences write to the clipboard (OSC 52), move the
// cursor, change the title; direction marks make text read as what it is not. Each of them becomes
// a visible sign by itself, so that a sequence cut between two tokens is as harmless as a whole
// one. Line feeds, tabs and CR LF stay. Only for terminals: pipes and files get every byte as it
// is.
#pragma once

#include <string>
#include <string_view>

namespace sotto::cli {

// `bytes` holds whole characters, as the engine tells them; what is no UTF-8 becomes U+FFFD, since
// a terminal may take a lone byte for a control character.
std::string terminalText(std::string_view bytes);

}  // namespace sotto::cli
