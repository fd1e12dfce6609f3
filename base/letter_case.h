// Letters of names in one case, byte by byte, to compare them. What is not ASCII stays. Any thread.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace sotto {

inline std::string lowerCase(std::string_view name) {
    std::string text(name);
    std::ranges::transform(text, text.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return text;
}

}  // namespace sotto
