// Names of the parts of a model that was split: "name-00002-of-00005". Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sotto::app {

struct ShardName {
    std::string stem;  // without the shard's number
    int index = 1;
    int count = 1;
};

// `stem`: a file's name or path without its ending. Whatever is not named like a part is one whole
// file.
ShardName parseShard(std::string_view stem);

}  // namespace sotto::app
