// Names of devices ("auto", "cpu", "cuda", "cuda:1") and what this machine has for them.
//
// Used by schedule/kernel_choice for the engine and by selftest/fast_kernels for `doctor`. Any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto {

// The card's number in "cuda" or "cuda:N"; nothing for other names.
std::optional<int> cudaIndex(std::string_view device);

// The card that this name stands for: of "auto" the first that can be used, with `note` saying what
// stands in the way where there are only others.
std::optional<int> chosenCard(std::string_view device, std::string& note);

// Errors: Unsupported: no such device here, with what there is, or why it cannot be used.
Status checkDeviceName(const std::string& device);

}  // namespace sotto
