// A part of a text, in bytes.
#pragma once

#include <cstddef>

namespace sotto {

struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;  // behind the last byte
    bool operator==(const TextSpan&) const = default;
};

}  // namespace sotto
