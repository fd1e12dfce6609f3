#include "engine/quant/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "engine/quant/quantize_reference.h"

namespace sotto {
namespace {

Status requireFinite(const QuantizeArgs& args) {
    const auto odd = std::find_if(args.rows.begin(), args.rows.end(),
                                  [](float weight) { return !std::isfinite(weight); });
    if (odd == args.rows.end()) return {};
    const std::int64_t position = odd - args.rows.begin();
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The weight in row {}, column {} is {} and cannot be quantized.",
                            position / args.nColumns, position % args.nColumns, *odd));
}

Status requireImportance(const QuantizeArgs& args) {
    if (args.importance.empty()) return {};
    if (static_cast<std::int64_t>(args.importance.size()) != args.nColumns)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("The importance matrix has {} columns, the weights have {}.",
                                args.importance.size(), args.nColumns));
    const auto odd = std::find_if(args.importance.begin(), args.importance.end(), [](float weight) {
        return !std::isfinite(weight) || weight < 0.0f;
    });
    if (odd == args.importance.end()) return {};
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The importance of column {} is {}, which is none.",
                            odd - args.importance.begin(), *odd));
}

}  // namespace

bool isQuantizable(DType type) { return hasKernels(type); }

bool needsImportance(DType type) {
    return type == DType::IQ1_S || type == DType::IQ1_M || type == DType::IQ2_XXS ||
           type == DType::IQ2_XS || type == DType::IQ2_S || type == DType::IQ3_XXS;
}

Status quantizeRows(const QuantizeArgs& args, std::span<std::byte> out) {
    const DTypeTraits& traits = dtypeTraits(args.type);
    if (!isQuantizable(args.type))
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("Weights of type {} cannot be written.", traits.name));
    if (args.nColumns <= 0 || args.nColumns % traits.blockElements != 0)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("Rows of {} weights are no whole number of the {} that type {} "
                                "keeps together.",
                                args.nColumns, traits.blockElements, traits.name));
    SOTTO_CHECK(args.rows.size() % static_cast<std::size_t>(args.nColumns) == 0);
    SOTTO_CHECK(out.size() == rowBytes(args.type, args.rows.size()));
    SOTTO_TRY(requireFinite(args));
    SOTTO_TRY(requireImportance(args));
    quantizeRow(args.type, args.rows, out);
    return {};
}

}  // namespace sotto
