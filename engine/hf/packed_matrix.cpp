#include "engine/hf/packed_matrix.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/json_document.h"
#include "engine/hf/stored_floats.h"

namespace sotto {
namespace {

constexpr std::int64_t kWordBits = 32;

tl::unexpected<Error> packedDamage(const std::string& name, std::string_view what) {
    return damagedFile("the checkpoint", fmt::format("'{}' {}", printableName(name), what));
}

// A part of the stored form: it must be there and of this shape.
Result<const StoredTensor*> partOf(const Checkpoint& checkpoint, const std::string& name) {
    const StoredTensor* const tensor = checkpoint.find(name);
    if (tensor == nullptr) return packedDamage(name, "is missing");
    return tensor;
}

Status expectShape(const StoredTensor& tensor, const std::vector<std::int64_t>& shape) {
    if (tensor.shape == shape) return {};
    return packedDamage(tensor.name, "has another shape than the matrix that it belongs to");
}

// Codes of `nBits` in words of 32 bits, the lowest bits first, as one stream down a column of words
// that lie `stride` words apart. Three bits do not divide a word: there a code may lie in two.
struct CodeColumn {
    std::span<const std::byte> words;
    std::int64_t first = 0;
    std::int64_t stride = 1;
    std::int64_t nBits = 4;

    std::int32_t at(std::int64_t index) const {
        const std::int64_t bit = index * nBits;
        const std::int64_t word = bit / kWordBits, shift = bit % kWordBits;
        std::uint64_t bits = loadStored<std::uint32_t>(words, first + word * stride);
        if (shift + nBits > kWordBits)
            bits |= std::uint64_t{loadStored<std::uint32_t>(words, first + (word + 1) * stride)}
                    << kWordBits;
        return static_cast<std::int32_t>(bits >> shift & ((std::uint64_t{1} << nBits) - 1));
    }
};

struct GroupParts {
    const StoredTensor* codes = nullptr;
    const StoredTensor* zeros = nullptr;
    const StoredTensor* scales = nullptr;
    std::int64_t nInputs = 0;
    std::int64_t nOutputs = 0;
    std::int64_t nGroups = 0;
    std::int64_t groupSize = 0;
};

// The shapes of what both forms have. GPTQ packs neighbouring inputs into a word, AWQ outputs.
Result<GroupParts> openGroups(const Checkpoint& checkpoint, const std::string& stem,
                              const HfQuantization& quantization, bool isPackedAlongInputs) {
    GroupParts parts;
    SOTTO_ASSIGN(parts.codes, partOf(checkpoint, stem + "qweight"));
    SOTTO_ASSIGN(parts.zeros, partOf(checkpoint, stem + "qzeros"));
    SOTTO_ASSIGN(parts.scales, partOf(checkpoint, stem + "scales"));
    const auto isWords = [](const StoredTensor& tensor) {
        return (tensor.type == StoredType::I32 || tensor.type == StoredType::U32) &&
               tensor.shape.size() == 2;
    };
    if (!isWords(*parts.codes) || !isWords(*parts.zeros))
        return packedDamage(stem + "qweight", "is no matrix of 32-bit words");
    if (!isStoredFloat(parts.scales->type) || parts.scales->shape.size() != 2)
        return packedDamage(parts.scales->name, "is no matrix of floats");
    const std::int64_t nBits = quantization.nBits;
    parts.nInputs = parts.codes->shape[0];
    parts.nOutputs = parts.codes->shape[1];
    std::int64_t& packed = isPackedAlongInputs ? parts.nInputs : parts.nOutputs;
    if (packed > INT64_MAX / kWordBits || packed * kWordBits % nBits != 0)
        return packedDamage(parts.codes->name, "has words that hold no whole number of codes");
    packed = packed * kWordBits / nBits;
    if (parts.nInputs == 0 || parts.nOutputs == 0)
        return packedDamage(parts.codes->name, "holds nothing");
    parts.groupSize = quantization.groupSize > 0 ? quantization.groupSize : parts.nInputs;
    parts.nGroups = (parts.nInputs + parts.groupSize - 1) / parts.groupSize;
    if (parts.nOutputs * nBits % kWordBits != 0)
        return packedDamage(parts.zeros->name, "has words that hold no whole number of codes");
    SOTTO_TRY(expectShape(*parts.scales, {parts.nGroups, parts.nOutputs}));
    SOTTO_TRY(expectShape(*parts.zeros, {parts.nGroups, parts.nOutputs * nBits / kWordBits}));
    return parts;
}

void storeFloat(std::span<std::byte> out, std::int64_t index, float value) {
    std::memcpy(out.data() + static_cast<std::size_t>(index) * sizeof(float), &value,
                sizeof(float));
}

class GptqMatrix final : public StoredMatrix {
public:
    GptqMatrix(const GroupParts& parts, const StoredTensor* groups,
               const HfQuantization& quantization)
        : m_parts(parts),
          m_groups(groups),
          m_nBits(quantization.nBits),
          m_zeroOffset(quantization.isZeroOffByOne ? 1 : 0) {
        m_nRows = parts.nOutputs;
        m_nColumns = parts.nInputs;
    }

    void readRow(std::int64_t row, std::span<std::byte> out) const override {
        const CodeColumn codes{m_parts.codes->bytes, row, m_parts.nOutputs, m_nBits};
        const std::int64_t zeroWords = m_parts.nOutputs * m_nBits / kWordBits;
        for (std::int64_t column = 0; column < m_nColumns; ++column) {
            const std::int64_t group = m_groups != nullptr
                                           ? loadStored<std::int32_t>(m_groups->bytes, column)
                                           : column / m_parts.groupSize;
            const CodeColumn zeros{m_parts.zeros->bytes, group * zeroWords, 1, m_nBits};
            const std::int32_t zero = zeros.at(row) + m_zeroOffset;
            storeFloat(out, column,
                       storedFloat(*m_parts.scales, group * m_parts.nOutputs + row) *
                           static_cast<float>(codes.at(column) - zero));
        }
    }

private:
    GroupParts m_parts;
    const StoredTensor* m_groups;  // of each input its group; null: in order
    std::int64_t m_nBits;
    std::int32_t m_zeroOffset;
};

class AwqMatrix final : public StoredMatrix {
public:
    explicit AwqMatrix(const GroupParts& parts) : m_parts(parts) {
        m_nRows = parts.nOutputs;
        m_nColumns = parts.nInputs;
    }

    void readRow(std::int64_t row, std::span<std::byte> out) const override {
        for (std::int64_t column = 0; column < m_nColumns; ++column) {
            const std::int64_t group = column / m_parts.groupSize;
            const std::int32_t code = codeAt(*m_parts.codes, column, row);
            const std::int32_t zero = codeAt(*m_parts.zeros, group, row);
            storeFloat(out, column,
                       storedFloat(*m_parts.scales, group * m_parts.nOutputs + row) *
                           static_cast<float>(code - zero));
        }
    }

private:
    // A word holds eight neighbours, interleaved for the kernels that the form was made for.
    static std::int32_t codeAt(const StoredTensor& words, std::int64_t wordRow,
                               std::int64_t output) {
        constexpr std::array<int, 8> kShiftOf{0, 16, 4, 20, 8, 24, 12, 28};
        const auto word =
            loadStored<std::uint32_t>(words.bytes, wordRow * words.shape[1] + output / 8);
        return static_cast<std::int32_t>(word >> kShiftOf[static_cast<std::size_t>(output % 8)] &
                                         15u);
    }

    GroupParts m_parts;
};

// The scales of the blocks: floats, or codes of eight bits with scales of their own.
struct BlockScales {
    const StoredTensor* absmax = nullptr;
    const StoredTensor* nestedAbsmax = nullptr;
    const StoredTensor* nestedMap = nullptr;
    std::int64_t nestedBlock = 256;
    float nestedOffset = 0;

    float at(std::int64_t block) const {
        if (nestedAbsmax == nullptr) return storedFloat(*absmax, block);
        const auto code = loadStored<std::uint8_t>(absmax->bytes, block);
        return storedFloat(*nestedMap, code) * storedFloat(*nestedAbsmax, block / nestedBlock) +
               nestedOffset;
    }
};

struct FourBitForm {
    std::int64_t nRows = 0;
    std::int64_t nColumns = 0;
    std::int64_t block = 64;
};

class FourBitMatrix final : public StoredMatrix {
public:
    FourBitMatrix(const StoredTensor& codes, const StoredTensor& map, const BlockScales& scales,
                  const FourBitForm& form)
        : m_codes(codes), m_scales(scales), m_block(form.block) {
        m_nRows = form.nRows;
        m_nColumns = form.nColumns;
        for (std::size_t code = 0; code < m_values.size(); ++code)
            m_values[code] = storedFloat(map, static_cast<std::int64_t>(code));
    }

    void readRow(std::int64_t row, std::span<std::byte> out) const override {
        std::int64_t atBlock = -1;
        float scale = 0;
        for (std::int64_t column = 0; column < m_nColumns; ++column) {
            const std::int64_t index = row * m_nColumns + column;
            if (index / m_block != atBlock) {
                atBlock = index / m_block;
                scale = m_scales.at(atBlock);
            }
            // The earlier weight is in the upper half of the byte.
            const auto pair = loadStored<std::uint8_t>(m_codes.bytes, index / 2);
            const auto code = static_cast<std::size_t>(index % 2 == 0 ? pair >> 4 : pair & 15);
            storeFloat(out, column, m_values[code] * scale);
        }
    }

private:
    const StoredTensor& m_codes;
    std::array<float, 16> m_values{};  // of each code
    BlockScales m_scales;
    std::int64_t m_block;
};

// The JSON in bytes that bitsandbytes keeps beside the codes.
Result<HfJson> fourBitState(const Checkpoint& checkpoint, const std::string& stem) {
    for (const char* kind : {"nf4", "fp4"}) {
        const std::string name = stem + "weight.quant_state.bitsandbytes__" + kind;
        if (const StoredTensor* const tensor = checkpoint.find(name))
            return parseJson(tensor->bytes, name);
    }
    return fail(
        ErrorCode::Unsupported,
        fmt::format("'{}weight' has no state of bitsandbytes beside its codes (nf4 or fp4): "
                    "save the model again with a version of 2023 or later.",
                    printableName(stem)),
        stem);
}

Result<FourBitForm> readFourBitForm(const HfJson& state, const StoredTensor& codes) {
    FourBitForm form;
    const HfJson* const shape = memberOf(state, "shape");
    form.block = integerOf(state, "blocksize").value_or(0);
    if (shape != nullptr && shape->is_array() && shape->size() == 2) {
        form.nRows = asInteger((*shape)[0]).value_or(0);
        form.nColumns = asInteger((*shape)[1]).value_or(0);
    }
    constexpr std::int64_t kMostPacked = std::int64_t{1} << 30;
    const bool isInRange = form.nRows > 0 && form.nRows <= kMostPacked && form.nColumns > 0 &&
                           form.nColumns <= kMostPacked && form.block > 0 &&
                           form.block <= kMostPacked;
    if (!isInRange ||
        static_cast<std::size_t>((form.nRows * form.nColumns + 1) / 2) != codes.bytes.size())
        return packedDamage(codes.name, "has codes for another shape than it says");
    return form;
}

Result<BlockScales> readBlockScales(const Checkpoint& checkpoint, const HfJson& state,
                                    const std::string& name, std::int64_t nBlocks) {
    BlockScales scales;
    SOTTO_ASSIGN(scales.absmax, partOf(checkpoint, name + ".absmax"));
    if (scales.absmax->elementCount() != nBlocks)
        return packedDamage(scales.absmax->name, "has not one scale for each block");
    if (scales.absmax->type == StoredType::F32) return scales;
    if (scales.absmax->type != StoredType::U8)
        return packedDamage(scales.absmax->name, "is neither F32 nor U8");
    SOTTO_ASSIGN(scales.nestedAbsmax, partOf(checkpoint, name + ".nested_absmax"));
    SOTTO_ASSIGN(scales.nestedMap, partOf(checkpoint, name + ".nested_quant_map"));
    scales.nestedBlock = integerOf(state, "nested_blocksize").value_or(0);
    scales.nestedOffset = static_cast<float>(numberOf(state, "nested_offset").value_or(0));
    const bool isWhole = scales.nestedBlock > 0 && scales.nestedAbsmax->type == StoredType::F32 &&
                         scales.nestedMap->type == StoredType::F32 &&
                         scales.nestedMap->elementCount() == 256 &&
                         scales.nestedAbsmax->elementCount() ==
                             (nBlocks - 1) / scales.nestedBlock + 1;  // no sum that could wrap
    if (!isWhole) return packedDamage(scales.absmax->name, "has scales that do not fit it");
    return scales;
}

}  // namespace

Result<std::unique_ptr<StoredMatrix>> openGptqMatrix(const Checkpoint& checkpoint,
                                                     const std::string& stem,
                                                     const HfQuantization& quantization) {
    const std::int64_t nBits = quantization.nBits;
    if (nBits != 2 && nBits != 3 && nBits != 4 && nBits != 8)
        return fail(ErrorCode::Unsupported,
                    fmt::format("GPTQ with {} bits is not known; 2, 3, 4 and 8 are.", nBits), stem);
    SOTTO_ASSIGN(const GroupParts parts, openGroups(checkpoint, stem, quantization, true));
    const StoredTensor* const groups = checkpoint.find(stem + "g_idx");
    if (groups != nullptr) {
        if (groups->type != StoredType::I32)
            return packedDamage(groups->name, "is no list of 32-bit numbers");
        SOTTO_TRY(expectShape(*groups, {parts.nInputs}));
        for (std::int64_t input = 0; input < parts.nInputs; ++input) {
            const auto group = loadStored<std::int32_t>(groups->bytes, input);
            if (group < 0 || group >= parts.nGroups)
                return packedDamage(groups->name,
                                    fmt::format("names group {} of {}", group, parts.nGroups));
        }
    }
    return std::make_unique<GptqMatrix>(parts, groups, quantization);
}

Result<std::unique_ptr<StoredMatrix>> openAwqMatrix(const Checkpoint& checkpoint,
                                                    const std::string& stem,
                                                    const HfQuantization& quantization) {
    if (quantization.nBits != 4)
        return fail(ErrorCode::Unsupported,
                    fmt::format("AWQ with {} bits is not known; 4 bits are.", quantization.nBits),
                    stem);
    SOTTO_ASSIGN(const GroupParts parts, openGroups(checkpoint, stem, quantization, false));
    return std::make_unique<AwqMatrix>(parts);
}

Result<std::unique_ptr<StoredMatrix>> openFourBitMatrix(const Checkpoint& checkpoint,
                                                        const std::string& stem,
                                                        const StoredTensor& codes) {
    const std::string name = stem + "weight";
    SOTTO_ASSIGN(const HfJson state, fourBitState(checkpoint, stem));
    SOTTO_ASSIGN(const FourBitForm form, readFourBitForm(state, codes));
    SOTTO_ASSIGN(const StoredTensor* const map, partOf(checkpoint, name + ".quant_map"));
    if (map->type != StoredType::F32 || map->elementCount() != 16)
        return packedDamage(map->name, "is no table of 16 floats");
    const std::int64_t nBlocks = (form.nRows * form.nColumns - 1) / form.block + 1;
    SOTTO_ASSIGN(const BlockScales scales, readBlockScales(checkpoint, state, name, nBlocks));
    return std::make_unique<FourBitMatrix>(codes, *map, scales, form);
}

}  // namespace sotto
