#include "engine/hf/hf_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "base/finite_half.h"
#include "base/half.h"
#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

enum class Kept : std::uint8_t { Required, Optional };

// What becomes of a matrix's rows on the way.
enum class Rows : std::uint8_t { AsTheyAre, Query, Key };

struct NameRow {
    const char* stored;
    const char* name;  // in a GGUF
    Kept kept = Kept::Required;
    Rows rows = Rows::AsTheyAre;
};

// Of one layer, behind "model.layers.N." and "blk.N.".
constexpr NameRow kAttentionNames[] = {
    {"input_layernorm.weight", "attn_norm.weight"},
    {"self_attn.q_proj.weight", "attn_q.weight", Kept::Required, Rows::Query},
    {"self_attn.k_proj.weight", "attn_k.weight", Kept::Required, Rows::Key},
    {"self_attn.v_proj.weight", "attn_v.weight"},
    {"self_attn.o_proj.weight", "attn_output.weight"},
    {"self_attn.q_proj.bias", "attn_q.bias", Kept::Optional, Rows::Query},
    {"self_attn.k_proj.bias", "attn_k.bias", Kept::Optional, Rows::Key},
    {"self_attn.v_proj.bias", "attn_v.bias", Kept::Optional},
    {"self_attn.o_proj.bias", "attn_output.bias", Kept::Optional},
    {"self_attn.q_norm.weight", "attn_q_norm.weight", Kept::Optional},
    {"self_attn.k_norm.weight", "attn_k_norm.weight", Kept::Optional},
    {"post_attention_layernorm.weight", "ffn_norm.weight"},
};
constexpr NameRow kDenseNames[] = {
    {"mlp.gate_proj.weight", "ffn_gate.weight"},
    {"mlp.up_proj.weight", "ffn_up.weight"},
    {"mlp.down_proj.weight", "ffn_down.weight"},
    {"mlp.gate_proj.bias", "ffn_gate.bias", Kept::Optional},
    {"mlp.up_proj.bias", "ffn_up.bias", Kept::Optional},
    {"mlp.down_proj.bias", "ffn_down.bias", Kept::Optional},
};

// Of a mixture: the router, and per expert `block` + "N." + a name.
struct ExpertNames {
    const char* router;
    const char* block;
    NameRow matrices[3];
};
constexpr ExpertNames kMixtralNames{"block_sparse_moe.gate.weight",
                                    "block_sparse_moe.experts.",
                                    {{"w1.weight", "ffn_gate_exps.weight"},
                                     {"w3.weight", "ffn_up_exps.weight"},
                                     {"w2.weight", "ffn_down_exps.weight"}}};
constexpr ExpertNames kQwenNames{"mlp.gate.weight",
                                 "mlp.experts.",
                                 {{"gate_proj.weight", "ffn_gate_exps.weight"},
                                  {"up_proj.weight", "ffn_up_exps.weight"},
                                  {"down_proj.weight", "ffn_down_exps.weight"}}};

class Listing {
public:
    Listing(const HfConfig& config, const Checkpoint& checkpoint, PackedAs packedAs)
        : m_config(config), m_checkpoint(checkpoint), m_packedAs(packedAs) {}

    Result<std::vector<HfTensor>> run() {
        SOTTO_TRY(add({"model.embed_tokens.weight", "token_embd.weight"}, "", ""));
        addFactors();
        for (std::int64_t layer = 0; layer < m_config.nLayers; ++layer) SOTTO_TRY(addLayer(layer));
        SOTTO_TRY(add({"model.norm.weight", "output_norm.weight"}, "", ""));
        // A tied head is the embedding, whatever a file has under the name beside it.
        m_isUsed.insert("lm_head.weight");
        const Kept head = m_config.isHeadTied ? Kept::Required : Kept::Optional;
        if (!m_config.isHeadTied.value_or(false))
            SOTTO_TRY(add({"lm_head.weight", "output.weight", head}, "", ""));
        SOTTO_TRY(checkAllUsed());
        return std::move(m_tensors);
    }

private:
    Status addLayer(std::int64_t layer) {
        const std::string stored = fmt::format("model.layers.{}.", layer);
        const std::string name = fmt::format("blk.{}.", layer);
        for (const NameRow& row : kAttentionNames) SOTTO_TRY(add(row, stored, name));
        if (m_config.experts == HfExperts::None) {
            for (const NameRow& row : kDenseNames) SOTTO_TRY(add(row, stored, name));
            return {};
        }
        const ExpertNames& names =
            m_config.experts == HfExperts::Mixtral ? kMixtralNames : kQwenNames;
        SOTTO_TRY(add({names.router, "ffn_gate_inp.weight"}, stored, name));
        for (const NameRow& row : names.matrices)
            SOTTO_TRY(addStack(row, stored + names.block, name));
        return {};
    }

    Result<std::unique_ptr<StoredMatrix>> open(const std::string& stored) {
        SOTTO_ASSIGN(auto matrix, openStoredMatrix(m_checkpoint, stored, m_config.quantization));
        if (matrix != nullptr) m_isUsed.insert(stored);
        return matrix;
    }

    tl::unexpected<Error> missing(const std::string& stored) const {
        return damagedFile("the checkpoint", fmt::format("it has no tensor '{}'", stored));
    }

    Status add(const NameRow& row, const std::string& storedStem, const std::string& stem) {
        const std::string stored = storedStem + row.stored;
        SOTTO_ASSIGN(auto matrix, open(stored));
        if (matrix == nullptr) {
            if (row.kept == Kept::Optional) return {};
            return missing(stored);
        }
        HfTensor tensor;
        tensor.plan.name = stem + row.name;
        if (matrix->isVector())
            tensor.plan.shape = {matrix->nColumns()};
        else
            tensor.plan.shape = {matrix->nColumns(), matrix->nRows()};
        tensor.plan.type = typeFor(tensor.plan, *matrix);
        if (m_config.isPermuted && row.rows != Rows::AsTheyAre)
            SOTTO_TRY(pairRows(tensor, row.rows, stored));
        tensor.stored.push_back(std::move(matrix));
        m_tensors.push_back(std::move(tensor));
        return {};
    }

    Status addStack(const NameRow& row, const std::string& storedStem, const std::string& stem) {
        HfTensor tensor;
        for (std::int64_t expert = 0; expert < m_config.nExperts; ++expert) {
            const std::string stored = fmt::format("{}{}.{}", storedStem, expert, row.stored);
            SOTTO_ASSIGN(auto matrix, open(stored));
            if (matrix == nullptr) return missing(stored);
            if (!tensor.stored.empty() &&
                (matrix->nRows() != tensor.stored.front()->nRows() ||
                 matrix->nColumns() != tensor.stored.front()->nColumns() ||
                 matrix->type() != tensor.stored.front()->type()))
                return damagedFile(
                    "the checkpoint",
                    fmt::format("'{}' differs in type or shape from the other experts'", stored));
            tensor.stored.push_back(std::move(matrix));
        }
        const StoredMatrix& first = *tensor.stored.front();
        const bool isPacked = std::ranges::all_of(
            tensor.stored, [](const auto& expert) { return expert->isPacked(); });
        tensor.plan = {stem + row.name,
                       isPacked ? packedType() : first.type(),
                       {first.nColumns(), first.nRows(), m_config.nExperts}};
        m_tensors.push_back(std::move(tensor));
        return {};
    }

    // As the field writes them: vectors, norms and routers in full floats, matrices as they come.
    DType typeFor(const GgufTensorPlan& plan, const StoredMatrix& matrix) const {
        const bool isFull = plan.shape.size() == 1 || plan.name.ends_with("_norm.weight") ||
                            plan.name.ends_with("ffn_gate_inp.weight");
        if (isFull) return DType::F32;
        return matrix.isPacked() ? packedType() : matrix.type();
    }

    DType packedType() const { return m_packedAs == PackedAs::F16 ? DType::F16 : DType::F32; }

    Status pairRows(HfTensor& tensor, Rows rows, const std::string& stored) const {
        const std::int64_t nHeads = rows == Rows::Query ? m_config.nHeads : m_config.nKvHeads;
        if (tensor.plan.shape.back() != nHeads * m_config.headDim)
            return damagedFile("the checkpoint",
                               fmt::format("'{}' has {} rows for {} heads of {}", stored,
                                           tensor.plan.shape.back(), nHeads, m_config.headDim));
        tensor.pairedRows = m_config.headDim;
        return {};
    }

    void addFactors() {
        HfTensor tensor;
        tensor.values = ropeFactors(m_config);
        if (tensor.values.empty()) return;
        tensor.plan = {
            "rope_freqs.weight", DType::F32, {static_cast<std::int64_t>(tensor.values.size())}};
        m_tensors.push_back(std::move(tensor));
    }

    // What is left would be missing from the result in silence.
    Status checkAllUsed() const {
        for (const StoredTensor& tensor : m_checkpoint.tensors()) {
            if (m_isUsed.contains(tensor.name)) continue;
            const auto owner = storedFormOwner(tensor.name);
            if (owner && (owner->empty() || m_isUsed.contains(*owner))) continue;
            // Computed from the config, by models of 2023 kept beside the weights.
            if (tensor.name.ends_with(".rotary_emb.inv_freq")) continue;
            // All zeros, written by GPTQ's tools for layers that have none.
            if (isZeroBias(tensor)) continue;
            return fail(ErrorCode::Unsupported,
                        fmt::format("The tensor '{}' is none that this version knows of a model of "
                                    "this architecture: get the model as a GGUF file.",
                                    printableName(tensor.name)),
                        tensor.name);
        }
        return {};
    }

    static bool isZeroBias(const StoredTensor& tensor) {
        return tensor.name.ends_with(".bias") &&
               std::ranges::all_of(tensor.bytes, [](std::byte one) { return one == std::byte{0}; });
    }

    const HfConfig& m_config;
    const Checkpoint& m_checkpoint;
    const PackedAs m_packedAs;
    std::vector<HfTensor> m_tensors;
    std::set<std::string> m_isUsed;
};

void narrow(std::span<const std::byte> in, std::span<std::byte> out) {
    for (std::size_t index = 0; index * sizeof(float) < in.size(); ++index) {
        float value;
        std::memcpy(&value, in.data() + index * sizeof(value), sizeof(value));
        const Half half = toFiniteHalf(value);
        std::memcpy(out.data() + index * sizeof(half), &half, sizeof(half));
    }
}

void widen(DType type, std::span<const std::byte> in, std::span<std::byte> out) {
    for (std::size_t index = 0; index * sizeof(float) < out.size(); ++index) {
        std::uint16_t bits;
        std::memcpy(&bits, in.data() + index * sizeof(bits), sizeof(bits));
        const float value = type == DType::F16 ? toFloat(Half{bits}) : toFloat(BFloat16{bits});
        std::memcpy(out.data() + index * sizeof(value), &value, sizeof(value));
    }
}

// Where row `row` of the new tensor is stored.
std::int64_t storedRow(const HfTensor& tensor, std::int64_t row) {
    if (tensor.pairedRows == 0) return row;
    const std::int64_t inHead = row % tensor.pairedRows;
    return row - inHead + inHead % 2 * (tensor.pairedRows / 2) + inHead / 2;
}

// A vector's elements are what a matrix's rows are.
void readVector(const HfTensor& tensor, std::span<std::byte> out) {
    const StoredMatrix& stored = *tensor.stored.front();
    std::vector<std::byte> bytes(
        rowBytes(stored.type(), static_cast<std::size_t>(stored.nColumns())));
    stored.readRow(0, bytes);
    std::vector<std::byte> floats(out.size());
    if (stored.type() == DType::F32)
        floats = std::move(bytes);
    else
        widen(stored.type(), bytes, floats);
    for (std::int64_t index = 0; index < stored.nColumns(); ++index)
        std::memcpy(
            out.data() + static_cast<std::size_t>(index) * sizeof(float),
            floats.data() + static_cast<std::size_t>(storedRow(tensor, index)) * sizeof(float),
            sizeof(float));
}

}  // namespace

Result<std::vector<HfTensor>> listHfTensors(const HfConfig& config, const Checkpoint& checkpoint,
                                            PackedAs packedAs) {
    return Listing(config, checkpoint, packedAs).run();
}

void readHfRows(const HfTensor& tensor, std::int64_t firstRow, std::int64_t nRows,
                std::span<std::byte> out) {
    if (tensor.stored.empty()) {
        std::memcpy(out.data(), tensor.values.data(), out.size());
        return;
    }
    if (tensor.plan.shape.size() == 1) {
        readVector(tensor, out);
        return;
    }
    const auto nColumns = static_cast<std::size_t>(tensor.plan.shape.front());
    const std::size_t outBytes = rowBytes(tensor.plan.type, nColumns);
    std::vector<std::byte> stored;
    for (std::int64_t row = firstRow; row < firstRow + nRows; ++row) {
        const std::int64_t rowsPerMatrix = tensor.stored.front()->nRows();
        const StoredMatrix& matrix = *tensor.stored[static_cast<std::size_t>(row / rowsPerMatrix)];
        const auto place =
            out.subspan(static_cast<std::size_t>(row - firstRow) * outBytes, outBytes);
        const std::int64_t from = storedRow(tensor, row % rowsPerMatrix);
        if (matrix.type() == tensor.plan.type) {
            matrix.readRow(from, place);
            continue;
        }
        stored.resize(rowBytes(matrix.type(), nColumns));
        matrix.readRow(from, stored);
        if (matrix.type() == DType::F32)
            narrow(stored, place);
        else
            widen(matrix.type(), stored, place);
    }
}

}  // namespace sotto
