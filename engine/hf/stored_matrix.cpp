#include "engine/hf/stored_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/packed_matrix.h"
#include "engine/hf/stored_floats.h"

namespace sotto {
namespace {

std::size_t sizeOf(std::int64_t count) { return static_cast<std::size_t>(count); }

class PlainMatrix final : public StoredMatrix {
public:
    explicit PlainMatrix(const StoredTensor& tensor) : m_bytes(tensor.bytes) {
        m_isPacked = false;
        m_isVector = tensor.shape.size() == 1;
        m_nColumns = tensor.shape.back();
        m_nRows = tensor.elementCount() / m_nColumns;
        m_type = tensor.type == StoredType::F32   ? DType::F32
                 : tensor.type == StoredType::F16 ? DType::F16
                                                  : DType::BF16;
    }

    void readRow(std::int64_t row, std::span<std::byte> out) const override {
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(sizeOf(row) * out.size()),
                    out.size(), out.begin());
    }

private:
    std::span<const std::byte> m_bytes;
};

// Codes of eight bits, each block of them with a factor: one for all, one for each row, or one for
// each rectangle.
class ScaledMatrix final : public StoredMatrix {
public:
    ScaledMatrix(const StoredTensor& codes, const StoredTensor& scales, std::int64_t blockRows,
                 std::int64_t blockColumns)
        : m_codes(codes),
          m_scales(scales),
          m_blockRows(blockRows),
          m_blockColumns(blockColumns),
          m_scalesPerRow((codes.shape.back() + blockColumns - 1) / blockColumns) {
        m_nColumns = codes.shape.back();
        m_nRows = codes.elementCount() / m_nColumns;
        for (std::size_t code = 0; code < m_values.size(); ++code) {
            const auto bits = static_cast<std::uint8_t>(code);
            m_values[code] = codes.type == StoredType::E4M3 ? fromE4M3(bits) : fromE5M2(bits);
        }
    }

    void readRow(std::int64_t row, std::span<std::byte> out) const override {
        const std::byte* const codes = m_codes.bytes.data() + row * m_nColumns;
        std::int64_t atScale = row / m_blockRows * m_scalesPerRow;
        for (std::int64_t first = 0; first < m_nColumns; first += m_blockColumns) {
            const float scale = storedFloat(m_scales, atScale++);
            const std::int64_t end = std::min(first + m_blockColumns, m_nColumns);
            for (std::int64_t column = first; column < end; ++column) {
                const float value = m_values[static_cast<std::uint8_t>(codes[column])] * scale;
                std::memcpy(out.data() + sizeOf(column) * sizeof(float), &value, sizeof(float));
            }
        }
    }

private:
    const StoredTensor& m_codes;
    const StoredTensor& m_scales;
    std::array<float, 256> m_values{};  // of each code
    std::int64_t m_blockRows;
    std::int64_t m_blockColumns;
    std::int64_t m_scalesPerRow;
};

tl::unexpected<Error> unfitting(const std::string& name, std::string_view what) {
    return damagedFile("the checkpoint", fmt::format("'{}' {}", printableName(name), what));
}

Result<std::unique_ptr<StoredMatrix>> openScaled(const Checkpoint& checkpoint,
                                                 const StoredTensor& codes,
                                                 const HfQuantization& quantization) {
    // Both names are in use: DeepSeek's and Qwen's, and that of compressed-tensors and Mistral.
    const StoredTensor* scales = checkpoint.find(codes.name + "_scale_inv");
    if (scales == nullptr) scales = checkpoint.find(codes.name + "_scale");
    if (scales == nullptr)
        return unfitting(codes.name,
                         "is stored in 8 bits and has no scale ('weight_scale' or "
                         "'weight_scale_inv')");
    if (!isStoredFloat(scales->type))
        return unfitting(scales->name, fmt::format("is of type {}", scales->typeName));
    const std::int64_t nColumns = codes.shape.back();
    const std::int64_t nRows = codes.elementCount() / nColumns;
    const std::int64_t nScales = scales->elementCount();
    std::int64_t blockRows = nRows, blockColumns = nColumns;
    const bool isPerRow = scales->shape == std::vector<std::int64_t>{nRows} ||
                          scales->shape == std::vector<std::int64_t>{nRows, 1};
    if (isPerRow) {
        blockRows = 1;
    } else if (nScales != 1) {
        blockRows = quantization.scaleRows;
        blockColumns = quantization.scaleColumns;
        const std::vector<std::int64_t> wanted{(nRows + blockRows - 1) / blockRows,
                                               (nColumns + blockColumns - 1) / blockColumns};
        if (scales->shape != wanted)
            return unfitting(scales->name,
                             fmt::format("has {} scales for {} x {} weights in blocks of {} x {}",
                                         nScales, nRows, nColumns, blockRows, blockColumns));
    }
    return std::make_unique<ScaledMatrix>(codes, *scales, blockRows, blockColumns);
}

}  // namespace

Result<std::unique_ptr<StoredMatrix>> openStoredMatrix(const Checkpoint& checkpoint,
                                                       const std::string& name,
                                                       const HfQuantization& quantization) {
    constexpr std::string_view kWeight = "weight";
    const StoredTensor* const tensor = checkpoint.find(name);
    const std::string stem =
        name.ends_with(kWeight) ? name.substr(0, name.size() - kWeight.size()) : std::string();
    if (tensor == nullptr) {
        const bool isPacked = !stem.empty() && checkpoint.find(stem + "qweight") != nullptr;
        if (!isPacked) return nullptr;
        if (quantization.method == "awq") return openAwqMatrix(checkpoint, stem, quantization);
        if (quantization.method == "gptq") return openGptqMatrix(checkpoint, stem, quantization);
        return fail(ErrorCode::Unsupported,
                    fmt::format("'{}qweight' is quantized by the method '{}' (quantization_config "
                                "in config.json); this version reads gptq and awq.",
                                printableName(stem), printableName(quantization.method)),
                    name);
    }
    if (tensor->shape.empty() || tensor->elementCount() == 0)
        return unfitting(name, "holds nothing");
    if (isStoredFloat(tensor->type)) return std::make_unique<PlainMatrix>(*tensor);
    if (tensor->type == StoredType::E4M3 || tensor->type == StoredType::E5M2)
        return openScaled(checkpoint, *tensor, quantization);
    if (tensor->type == StoredType::U8 && checkpoint.find(name + ".absmax") != nullptr)
        return openFourBitMatrix(checkpoint, stem, *tensor);
    return fail(ErrorCode::Unsupported,
                fmt::format("'{}' is stored as {}{}, which this version does not read: get the "
                            "model in F16 or BF16.",
                            printableName(name), printableName(tensor->typeName),
                            quantization.method.empty()
                                ? std::string()
                                : fmt::format(" ({})", printableName(quantization.method))),
                name);
}

std::optional<std::string> storedFormOwner(const std::string& name) {
    // What computes with the weights in 8 bits, or with a cache in them, has of its own.
    for (const char* ending : {".input_scale", ".k_scale", ".v_scale", "activation_scale"})
        if (name.ends_with(ending)) return std::string();
    if (const std::size_t state = name.find(".quant_state."); state != std::string::npos)
        return name.substr(0, state);
    // Beside "….weight" itself, or in its place.
    for (const std::string_view ending :
         {"_scale_inv", "_scale", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"})
        if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
    for (const std::string_view ending : {"qweight", "qzeros", "scales", "g_idx"})
        if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size()) + "weight";
    return std::nullopt;
}

}  // namespace sotto
