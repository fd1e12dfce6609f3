#include "engine/quant/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "engine/quant/lattice.h"
#include "engine/quant/quantize_reference.h"
#include "engine/quant/search_block.h"

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

Status requireInRange(const QuantizeArgs& args) {
    if (args.type != DType::F16 && args.type != DType::BF16) return {};
    // The first magnitude that rounds to an infinity: half a step above the largest number.
    const float limit = args.type == DType::F16 ? 65520.0f : 0x1.ffp127f;
    const auto isBeyond = [limit](float weight) { return std::fabs(weight) >= limit; };
    const auto odd = std::find_if(args.rows.begin(), args.rows.end(), isBeyond);
    if (odd == args.rows.end()) return {};
    const std::int64_t position = odd - args.rows.begin();
    return fail(ErrorCode::InvalidArgument,
                fmt::format("The weight in row {}, column {} is {}, more than {} holds.",
                            position / args.nColumns, position % args.nColumns, *odd,
                            dtypeTraits(args.type).name));
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

// What an error of each weight of a block costs: its column's importance, and a little more for the
// large weights of the block. Without that, or with the square of it, the KL divergences of
// tests/bench/results/quantize_quality.md are greater.
void costsOf(const float* values, const float* importance, std::span<float> costs) {
    float sumSquares = 0.0f;
    for (std::size_t index = 0; index < costs.size(); ++index)
        sumSquares += values[index] * values[index];
    const float meanSquare = sumSquares / static_cast<float>(costs.size());
    const bool isUsual = meanSquare > 0.0f && std::isfinite(meanSquare);
    const float inverse = isUsual ? 1.0f / std::sqrt(meanSquare) : 0.0f;
    for (std::size_t index = 0; index < costs.size(); ++index) {
        const float ratio = values[index] * inverse;
        const float relative = std::sqrt(std::sqrt(1.0f + ratio * ratio));
        costs[index] = importance == nullptr ? relative : importance[index] * relative;
    }
}

// Importance with a mean of one. None is zero: of a column that was never used any weight would do,
// and a block of them would have no scale at all.
std::vector<float> normalized(std::span<const float> importance) {
    constexpr double kLeast = 1e-6;
    double sum = 0.0;
    for (const float weight : importance) sum += static_cast<double>(weight);
    const double mean = sum / static_cast<double>(std::max<std::size_t>(importance.size(), 1));
    std::vector<float> result(importance.size(), 1.0f);
    if (!(mean > 0.0)) return result;
    std::transform(importance.begin(), importance.end(), result.begin(), [=](float weight) {
        return static_cast<float>(std::max(static_cast<double>(weight) / mean, kLeast));
    });
    return result;
}

// A block that lies on a lattice becomes what it is. False: it lies on none, and nothing is
// written.
bool keepLattice(const QuantizeArgs& args, LatticeRange range, std::span<const float> values,
                 std::byte* out) {
    const auto block = values.first<kSmallBlock>();
    const auto d = latticeScale(block, range, args.stored);
    if (!d) return false;
    const auto put = [&](const auto& written) { std::memcpy(out, &written, sizeof written); };
    const auto code = [&](std::size_t index) {
        return static_cast<int>(roundClamped(block[index] / toFloat(*d),
                                             static_cast<float>(range.lowest),
                                             static_cast<float>(range.highest)));
    };
    if (args.type == DType::Q8_0) {
        BlockQ8_0 written{*d, {}};
        for (std::size_t index = 0; index < kSmallBlock; ++index)
            written.codes[index] = static_cast<std::int8_t>(code(index));
        put(written);
    } else {
        BlockQ4_0 written{*d, {}};
        for (std::size_t index = 0; index < kSmallBlock; ++index)
            putSmallCode(written, static_cast<int>(index), code(index) + 8);
        put(written);
    }
    return true;
}

// With AVX2 where that is asked for and there is such a search.
template <typename Block>
void searchOne(const BlockSource& source, bool isWide, Block& block) {
    if constexpr (requires { avx2::searchBlock(source, block); }) {
        if (isWide) return avx2::searchBlock(source, block);
    }
    searchBlock(source, block);
}

template <typename Block, std::size_t nWeights>
void writeSearched(const QuantizeArgs& args, std::span<std::byte> out) {
    const bool isSearching = args.method == QuantizeMethod::Search;
    const std::vector<float> importance =
        isSearching ? normalized(args.importance) : std::vector<float>();
    const auto lattice = isSearching ? latticeOf(args.type) : std::nullopt;
    const bool isWide = args.isa.value_or(bestIsa()) != Isa::Scalar;
    const auto nColumns = static_cast<std::size_t>(args.nColumns);
    std::array<float, nWeights> costs;
    costs.fill(1.0f);
    std::byte* place = out.data();
    for (std::size_t position = 0; position < args.rows.size(); position += nWeights) {
        if (lattice && keepLattice(args, *lattice, args.rows.subspan(position), place)) {
            place += sizeof(Block);
            continue;
        }
        const float* const values = args.rows.data() + position;
        if (isSearching)
            costsOf(values, importance.empty() ? nullptr : &importance[position % nColumns], costs);
        Block block{};
        searchOne({values, costs.data(), args.method}, isWide, block);
        std::memcpy(place, &block, sizeof block);
        place += sizeof block;
    }
}

// Behind the rounding of Q8_0, which knows of no lattice; writeSearched() asks for each block.
void keepLattices(const QuantizeArgs& args, std::span<std::byte> out) {
    const auto range = latticeOf(args.type);
    if (!range || args.method != QuantizeMethod::Search) return;
    std::byte* place = out.data();
    for (std::size_t first = 0; first < args.rows.size(); first += kSmallBlock) {
        keepLattice(args, *range, args.rows.subspan(first), place);
        place += dtypeTraits(args.type).blockBytes;
    }
}

// Whether the codes are those of quantizeRow(): by rounding, or for the K types of 4 to 6 bits by
// the search that the field's tools make without an importance matrix.
bool isPlain(const QuantizeArgs& args) {
    switch (args.type) {
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case DType::Q8_0: return true;
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q5_0:
        case DType::Q5_1:
        case DType::Q4_K:
        case DType::Q5_K:
        case DType::Q6_K: return args.method == QuantizeMethod::Nearest;
        case SOTTO_TYPES_WITHOUT_KERNELS: return false;
    }
    unexpectedType(args.type, "isPlain");
}

// Those that are not plain.
void search(const QuantizeArgs& args, std::span<std::byte> out) {
    switch (args.type) {
        case DType::Q4_0: return writeSearched<BlockQ4_0, kSmallBlock>(args, out);
        case DType::Q4_1: return writeSearched<BlockQ4_1, kSmallBlock>(args, out);
        case DType::Q5_0: return writeSearched<BlockQ5_0, kSmallBlock>(args, out);
        case DType::Q5_1: return writeSearched<BlockQ5_1, kSmallBlock>(args, out);
        case DType::Q2_K: return writeSearched<BlockQ2_K, kSuperBlock>(args, out);
        case DType::Q3_K: return writeSearched<BlockQ3_K, kSuperBlock>(args, out);
        case DType::Q4_K: return writeSearched<BlockQ4_K, kSuperBlock>(args, out);
        case DType::Q5_K: return writeSearched<BlockQ5_K, kSuperBlock>(args, out);
        case DType::Q6_K: return writeSearched<BlockQ6_K, kSuperBlock>(args, out);
        case DType::IQ1_S: return writeSearched<BlockIQ1_S, kSuperBlock>(args, out);
        case DType::IQ1_M: return writeSearched<BlockIQ1_M, kSuperBlock>(args, out);
        case DType::IQ2_XXS: return writeSearched<BlockIQ2_XXS, kSuperBlock>(args, out);
        case DType::IQ2_XS: return writeSearched<BlockIQ2_XS, kSuperBlock>(args, out);
        case DType::IQ2_S: return writeSearched<BlockIQ2_S, kSuperBlock>(args, out);
        case DType::IQ3_XXS: return writeSearched<BlockIQ3_XXS, kSuperBlock>(args, out);
        case DType::IQ3_S: return writeSearched<BlockIQ3_S, kSuperBlock>(args, out);
        case DType::IQ4_NL: return writeSearched<BlockIQ4_NL, kSmallBlock>(args, out);
        case DType::IQ4_XS: return writeSearched<BlockIQ4_XS, kSuperBlock>(args, out);
        case DType::MXFP4: return writeSearched<BlockMXFP4, kSmallBlock>(args, out);
        case DType::NVFP4: return writeSearched<BlockNVFP4, 64>(args, out);
        case DType::TQ1_0: return writeSearched<BlockTQ1_0, kSuperBlock>(args, out);
        case DType::TQ2_0: return writeSearched<BlockTQ2_0, kSuperBlock>(args, out);
        case DType::Q1_0: return writeSearched<BlockQ1_0, 128>(args, out);
        case DType::Q2_0: return writeSearched<BlockQ2_0, 64>(args, out);
        case DType::F32:
        case DType::F16:
        case DType::BF16:
        case DType::Q8_0: break;
    }
    unexpectedType(args.type, "search");
}

}  // namespace

bool needsImportance(DType type) {
    return type == DType::IQ1_S || type == DType::IQ1_M || type == DType::IQ2_XXS ||
           type == DType::IQ2_XS || type == DType::IQ2_S || type == DType::IQ3_XXS;
}

Status quantizeRows(const QuantizeArgs& args, std::span<std::byte> out) {
    const DTypeTraits& traits = dtypeTraits(args.type);
    if (args.nColumns <= 0 || args.nColumns % traits.blockElements != 0)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("Rows of {} weights are no whole number of the {} that type {} "
                                "keeps together.",
                                args.nColumns, traits.blockElements, traits.name));
    SOTTO_CHECK(args.rows.size() % static_cast<std::size_t>(args.nColumns) == 0);
    SOTTO_CHECK(out.size() == rowBytes(args.type, args.rows.size()));
    SOTTO_TRY(requireFinite(args));
    SOTTO_TRY(requireImportance(args));
    SOTTO_TRY(requireInRange(args));
    quantizeCheckedRows(args, out);
    return {};
}

void quantizeCheckedRows(const QuantizeArgs& args, std::span<std::byte> out) {
    if (!isPlain(args)) return search(args, out);
    quantizeRow(args.type, args.rows, out);
    keepLattices(args, out);
}

}  // namespace sotto
