// What kernels have asked for in shared memory, and what every supported card gives.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simt/control.h"

namespace sotto {

// Bytes of a block on sm_75, the smallest of them, unasked and at most: CUDA C++ Programming Guide,
// "Technical Specifications per Compute Capability". Kernels ask for the same on every card.
inline constexpr std::size_t kSharedUnasked = 48 * 1024, kSharedAtMost = 64 * 1024;

// "void sotto::cuda::{anonymous}::launchOf(int) [with int kWidth = 4]" -> "launchOf [int kWidth =
// 4]"
inline std::string shortLauncher(std::string name) {
    using namespace std::string_view_literals;
    for (const auto space :
         {"sotto::"sv, "cuda::"sv, "{anonymous}::"sv, "(anonymous namespace)::"sv})
        for (std::size_t at = 0; (at = name.find(space)) != std::string::npos;)
            name.erase(at, space.size());
    const std::size_t open = name.find('('), with = name.find(" [with ");
    const std::size_t begin = name.rfind(' ', open) + 1;
    return name.substr(begin, open - begin) +
           (with == std::string::npos ? "" : " [" + name.substr(with + 7));
}

// A line per launcher, the largest requests first.
inline std::string sharedMemoryTable(const std::vector<simt::SharedMemoryUse>& uses) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> most;
    for (const simt::SharedMemoryUse& use : uses) {
        auto& [dynamicBytes, staticBytes] = most[shortLauncher(use.launcher)];
        dynamicBytes = std::max(dynamicBytes, use.dynamicBytes);
        staticBytes = std::max(staticBytes, use.staticBytes);
    }
    std::vector<std::pair<std::string, std::pair<std::size_t, std::size_t>>> lines(most.begin(),
                                                                                   most.end());
    std::ranges::stable_sort(lines,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string table = "shared memory of a block, bytes:\ndynamic  static  launched by\n";
    for (const auto& [name, bytes] : lines)
        table += fmt::format("{:7} {:7}  {}\n", bytes.first, bytes.second, name);
    return table;
}

}  // namespace sotto
