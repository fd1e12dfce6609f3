// The hub's JSON as values. Bytes from outside: a field of another type counts as not there, what
// is no answer of this kind is nothing.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "net/api/hub_types.h"

namespace sotto::net {

// Of /api/models. Entries without a usable name are left out.
std::optional<std::vector<HubModel>> parseModels(std::string_view text);

// Of /api/models/…/tree/…: files only, with safe paths only (file_path.h).
std::optional<std::vector<HubFile>> parseTree(std::string_view text);

// `text` is this many hexadecimal digits in lower case.
bool isHex(std::string_view text, std::size_t nDigits);

}  // namespace sotto::net
