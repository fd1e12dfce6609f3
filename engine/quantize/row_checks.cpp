#include "engine/quantize/row_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/half.h"
#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

float largestOf(DType type) {
    if (type == DType::F16) return kLargestHalf;
    if (type == DType::BF16) return kLargestBFloat16;
    return std::numeric_limits<float>::max();
}

}  // namespace

Status checkRowValues(std::span<const float> values, const CheckedRows& rows) {
    // Without a branch, so that the loop is vectorised: none of an ordinary file's is found.
    const float limit = largestOf(rows.type);
    int nWrong = 0;
    for (const float value : values) nWrong += std::fabs(value) <= limit ? 0 : 1;
    if (nWrong == 0) return {};
    const auto wrong = std::find_if(values.begin(), values.end(),
                                    [limit](float value) { return !(std::fabs(value) <= limit); });
    const std::int64_t index = wrong - values.begin();
    const std::string place = fmt::format(
        "row {}, column {}", rows.firstRow + index / rows.nColumns, index % rows.nColumns);
    if (std::isfinite(*wrong))
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("'{}' holds {:g} ({}), which is more than {} can hold: choose {} "
                        "for it",
                        printableName(rows.tensor), *wrong, place, dtypeTraits(rows.type).name,
                        rows.type == DType::F16 ? "BF16" : "F32"),
            rows.tensor);
    return fail(ErrorCode::FileDamaged,
                fmt::format("'{}' holds a value that is {} ({}): get another file of this model",
                            printableName(rows.tensor),
                            std::isnan(*wrong) ? "no number" : "infinite", place),
                rows.tensor);
}

}  // namespace sotto
