// Where a text stops being one: noise from a damaged page is seldom UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace sotto::storage {

enum class Zeros { Allowed, End };

// How many bytes at the start are UTF-8 (whole characters; overlong forms are not told apart).
std::size_t validTextSize(std::string_view text, Zeros zeros);

}  // namespace sotto::storage
