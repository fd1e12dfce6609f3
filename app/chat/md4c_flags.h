// How md4c reads Markdown here, in every pass over it.
#pragma once

#include <md4c.h>

namespace sotto::app {

// GitHub's dialect; HTML is told as such within lines, and is no block.
constexpr unsigned kMd4cFlags = MD_DIALECT_GITHUB | MD_FLAG_NOHTMLBLOCKS;

}  // namespace sotto::app
