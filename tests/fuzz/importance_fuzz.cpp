// libFuzzer: arbitrary bytes as an importance matrix of the older form.
//
// What is taken holds no negative value and no value that is no number.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "engine/quantize/importance.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto matrix =
        sotto::parseOlderImportance(std::as_bytes(std::span(data, size)), "fuzz.dat");
    if (!matrix) return 0;
    for (const auto& [name, entry] : matrix->entries) {
        SOTTO_CHECK(entry.counts.size() == 1);
        for (const float sum : entry.sums) SOTTO_CHECK(std::isfinite(sum) && sum >= 0);
    }
    return 0;
}
