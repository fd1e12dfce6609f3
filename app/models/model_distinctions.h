// What tells rows of the list apart that would look the same.
#pragma once

#include <vector>

namespace sotto::app {

struct ModelEntry;

// Sets `distinction` of every entry whose name and quantization another one has too: the end of its
// path that no other of them has, mostly the file's name. Empty of all others.
void distinguish(std::vector<ModelEntry>& entries);

}  // namespace sotto::app
