#include "engine/quant/mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/check.h"
#include "engine/quant/quantize.h"

namespace sotto {
namespace {

// The numbers are llama.cpp's LLAMA_FTYPE.
constexpr std::array kMixes{
    MixTraits{Mix::F32, "F32", DType::F32, 0},
    MixTraits{Mix::BF16, "BF16", DType::BF16, 32},
    MixTraits{Mix::F16, "F16", DType::F16, 1},
    MixTraits{Mix::Q8_0, "Q8_0", DType::Q8_0, 7},
    MixTraits{Mix::Q6_K, "Q6_K", DType::Q6_K, 18},
    MixTraits{Mix::Q5_1, "Q5_1", DType::Q5_1, 9},
    MixTraits{Mix::Q5_K_M, "Q5_K_M", DType::Q5_K, 17},
    MixTraits{Mix::Q5_K_S, "Q5_K_S", DType::Q5_K, 16},
    MixTraits{Mix::Q5_0, "Q5_0", DType::Q5_0, 8},
    MixTraits{Mix::Q4_1, "Q4_1", DType::Q4_1, 3},
    MixTraits{Mix::Q4_K_M, "Q4_K_M", DType::Q4_K, 15},
    MixTraits{Mix::Q4_K_S, "Q4_K_S", DType::Q4_K, 14},
    MixTraits{Mix::Q4_0, "Q4_0", DType::Q4_0, 2},
    MixTraits{Mix::IQ4_NL, "IQ4_NL", DType::IQ4_NL, 25},
    MixTraits{Mix::MXFP4_MOE, "MXFP4_MOE", DType::Q8_0, 38},
    MixTraits{Mix::IQ4_XS, "IQ4_XS", DType::IQ4_XS, 30},
    MixTraits{Mix::Q3_K_L, "Q3_K_L", DType::Q3_K, 13},
    MixTraits{Mix::Q3_K_M, "Q3_K_M", DType::Q3_K, 12},
    MixTraits{Mix::IQ3_M, "IQ3_M", DType::IQ3_S, 27},
    MixTraits{Mix::IQ3_S, "IQ3_S", DType::IQ3_S, 26},
    MixTraits{Mix::Q3_K_S, "Q3_K_S", DType::Q3_K, 11},
    MixTraits{Mix::IQ3_XS, "IQ3_XS", DType::IQ3_S, 22},
    MixTraits{Mix::IQ3_XXS, "IQ3_XXS", DType::IQ3_XXS, 23},
    MixTraits{Mix::Q2_K, "Q2_K", DType::Q2_K, 10},
    MixTraits{Mix::Q2_K_S, "Q2_K_S", DType::Q2_K, 21},
    MixTraits{Mix::IQ2_M, "IQ2_M", DType::IQ2_S, 29},
    MixTraits{Mix::IQ2_S, "IQ2_S", DType::IQ2_XS, 28},
    MixTraits{Mix::IQ2_XS, "IQ2_XS", DType::IQ2_XS, 20},
    MixTraits{Mix::TQ2_0, "TQ2_0", DType::TQ2_0, 37},
    MixTraits{Mix::IQ2_XXS, "IQ2_XXS", DType::IQ2_XXS, 19},
    MixTraits{Mix::IQ1_M, "IQ1_M", DType::IQ1_M, 31},
    MixTraits{Mix::TQ1_0, "TQ1_0", DType::TQ1_0, 36},
    MixTraits{Mix::IQ1_S, "IQ1_S", DType::IQ1_S, 24},
};

bool isOneOf(Mix mix, std::initializer_list<Mix> mixes) {
    return std::find(mixes.begin(), mixes.end(), mix) != mixes.end();
}

// "blk.7.…" -> 7; -1: not in a layer.
std::int64_t layerOf(std::string_view name) {
    constexpr std::string_view kPrefix = "blk.";
    if (!name.starts_with(kPrefix)) return -1;
    std::int64_t layer = -1;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, layer);
    return parsed.ec == std::errc() && parsed.ptr != end && *parsed.ptr == '.' ? layer : -1;
}

// The first and last eighth, and every third between them.
bool isUsingMoreBits(std::int64_t index, std::int64_t count) {
    return index < count / 8 || index >= 7 * count / 8 || (index - count / 8) % 3 == 2;
}

enum class Role : std::uint8_t {
    Embedding,
    Head,
    Value,
    Key,
    Query,
    Down,
    AttentionOutput,
    GateOrUp,
    Other,
};

// By parts of the name, as the quantizers of the field tell them apart: "ffn_down_exps" is a down.
Role roleOf(std::string_view name, bool isTied) {
    const auto has = [name](std::string_view part) { return name.find(part) != name.npos; };
    if (name == "output.weight") return Role::Head;
    if (name == "token_embd.weight") return isTied ? Role::Head : Role::Embedding;
    if (has("attn_v.weight") || has("attn_qkv.weight") || has("attn_kv_b.weight"))
        return Role::Value;
    if (has("attn_k.weight")) return Role::Key;
    if (has("attn_q.weight")) return Role::Query;
    if (has("ffn_down")) return Role::Down;
    if (has("attn_output.weight")) return Role::AttentionOutput;
    if (has("ffn_gate") || has("ffn_up")) return Role::GateOrUp;
    return Role::Other;
}

// The rules of one mix and model. Counters run in the order of the layers and, within one, of the
// names.
class Chooser {
public:
    Chooser(Mix mix, const MixFacts& facts, std::span<const MixTensor> tensors)
        : m_mix(mix), m_facts(facts), m_base(mixTraits(mix).base) {
        const auto is = [](std::string_view name) {
            return [name](const MixTensor& tensor) { return tensor.name == name; };
        };
        m_isTied = std::none_of(tensors.begin(), tensors.end(), is("output.weight"));
        m_nValues = std::count_if(tensors.begin(), tensors.end(), [](const MixTensor& tensor) {
            return !isKeptAsItIs(tensor) && roleOf(tensor.name, false) == Role::Value;
        });
        // Where there are no KV heads no query head shares one.
        m_nSharing = facts.nKvHeads > 0 ? facts.nHeads / facts.nKvHeads : 0;
    }

    DType choose(const MixTensor& tensor) {
        if (isOneOf(m_mix, {Mix::F32, Mix::F16, Mix::BF16})) return m_base;
        const Role role = roleOf(tensor.name, m_isTied);
        if (role == Role::Head) return headType(tensor);
        if (m_mix == Mix::MXFP4_MOE) return tensor.shape.size() > 2 ? DType::MXFP4 : DType::Q8_0;
        if (role == Role::Embedding) return embeddingType();
        if (isBelow3Bits()) return smallestType(role);
        switch (role) {
            case Role::Value: return valueType(m_nValuesSeen++);
            case Role::Key: return m_facts.nExperts == 8 ? DType::Q8_0 : queryType();
            case Role::Query: return queryType();
            case Role::Down: return downType(placeOf(tensor, m_nDownsSeen));
            case Role::AttentionOutput: return attentionOutputType();
            case Role::GateOrUp: return gateType(tensor);
            case Role::Embedding:
            case Role::Head:
            case Role::Other: break;
        }
        return m_base;
    }

private:
    bool isFalcon() const { return m_facts.architecture == "falcon"; }
    bool isBelow3Bits() const {
        return isOneOf(m_mix,
                       {Mix::IQ1_S, Mix::IQ1_M, Mix::IQ2_XXS, Mix::IQ2_XS, Mix::IQ2_S, Mix::IQ2_M});
    }
    // Of the two larger ones of those.
    bool isIQ2SOrM() const { return isOneOf(m_mix, {Mix::IQ2_S, Mix::IQ2_M}); }
    bool isInFirstEighth(std::int64_t index) const { return index < m_facts.nLayers / 8; }

    // A mixture's tensors count by their layer, a dense model's as they come.
    std::int64_t placeOf(const MixTensor& tensor, std::int64_t& nSeen) const {
        return m_facts.nExperts > 1 ? layerOf(tensor.name) : nSeen++;
    }

    DType headType(const MixTensor& tensor) const {
        const std::int64_t blockElements = dtypeTraits(m_base).blockElements;
        if (m_mix == Mix::MXFP4_MOE || isFalcon() || tensor.shape.front() % blockElements != 0)
            return DType::Q8_0;
        if (isBelow3Bits() || m_mix == Mix::IQ3_XXS) return DType::Q5_K;
        return m_base == DType::Q8_0 ? DType::Q8_0 : DType::Q6_K;
    }

    DType embeddingType() const {
        switch (m_mix) {
            case Mix::IQ1_S:
            case Mix::IQ1_M:
            case Mix::IQ2_XXS:
            case Mix::IQ2_XS: return DType::Q2_K;
            case Mix::IQ2_S:
            case Mix::IQ2_M:
            case Mix::IQ3_XXS: return DType::IQ3_S;
            case Mix::TQ1_0:
            case Mix::TQ2_0: return DType::Q4_K;
            default: return m_base;
        }
    }

    // Of the mixes below three bits, which have rules of their own.
    DType smallestType(Role role) {
        const DType lifted = isIQ2SOrM() ? DType::IQ3_S : DType::Q2_K;
        switch (role) {
            case Role::Value:
                return m_nSharing >= 4 || m_facts.nExperts >= 4 ? DType::Q4_K : lifted;
            case Role::Key: return m_facts.nExperts == 8 ? DType::Q4_K : m_base;
            case Role::Down: return isInFirstEighth(m_nDownsSeen++) ? lifted : m_base;
            case Role::AttentionOutput:
                if (m_facts.nExperts == 8) return DType::Q5_K;
                if (isOneOf(m_mix, {Mix::IQ1_S, Mix::IQ1_M})) return DType::IQ2_XXS;
                return isIQ2SOrM() ? DType::IQ3_S : m_base;
            default: return m_base;
        }
    }

    DType valueType(std::int64_t index) const {
        if (m_facts.nExperts == 8) return DType::Q8_0;
        const DType type = plainValueType(index);
        // Eight query heads share a value there, which is small for what it does. Dense models of
        // 80 layers are those of 70 billion weights.
        const bool is70B = m_facts.nLayers == 80 && m_facts.nHeads != m_facts.nKvHeads;
        return is70B && (type == DType::Q3_K || type == DType::Q4_K) ? DType::Q5_K : type;
    }

    DType plainValueType(std::int64_t index) const {
        const auto whereShared = [this](DType type) { return m_nSharing >= 4 ? type : m_base; };
        switch (m_mix) {
            case Mix::Q2_K: return m_nSharing >= 4 ? DType::Q4_K : DType::Q3_K;
            case Mix::Q2_K_S:
            case Mix::IQ3_XXS:
            case Mix::IQ3_XS:
            case Mix::IQ3_S: return whereShared(DType::Q4_K);
            case Mix::IQ3_M: return DType::Q4_K;
            case Mix::Q3_K_M: return index < 2 ? DType::Q5_K : DType::Q4_K;
            case Mix::Q3_K_L: return DType::Q5_K;
            case Mix::IQ4_NL:
            case Mix::IQ4_XS: return whereShared(DType::Q5_K);
            case Mix::Q4_K_S: return index < 4 ? DType::Q5_K : m_base;
            case Mix::Q4_K_M:
            case Mix::Q5_K_M: return isUsingMoreBits(index, m_nValues) ? DType::Q6_K : m_base;
            default: return m_base;
        }
    }

    DType queryType() const {
        if (m_mix == Mix::IQ3_XS) return DType::IQ3_XXS;
        return m_mix == Mix::IQ3_XXS ? DType::IQ2_S : m_base;
    }

    DType downType(std::int64_t index) const {
        const bool isFirst = isInFirstEighth(index);
        const bool isMore = isUsingMoreBits(index, m_facts.nLayers);
        if (isFalcon())
            if (const auto type = falconDownType(index, isMore)) return *type;
        switch (m_mix) {
            case Mix::Q2_K: return DType::Q3_K;
            case Mix::Q2_K_S: return isFirst ? DType::Q4_K : m_base;
            case Mix::Q3_K_M: return index < m_facts.nLayers / 16 ? DType::Q5_K : DType::Q4_K;
            case Mix::Q3_K_L: return DType::Q5_K;
            case Mix::IQ3_M:
                return isFirst || (m_facts.nExperts == 8 && isMore) ? DType::Q4_K : m_base;
            case Mix::IQ4_NL:
            case Mix::IQ4_XS: return isFirst && !m_facts.hasImportance ? DType::Q5_K : m_base;
            case Mix::Q4_K_M:
            case Mix::Q5_K_M: return isMore ? DType::Q6_K : m_base;
            case Mix::Q4_K_S: return isFirst ? DType::Q5_K : m_base;
            // With weights for the errors a minimum pays.
            case Mix::Q4_0: return isFirst && m_facts.hasImportance ? DType::Q4_1 : m_base;
            case Mix::Q5_0: return isFirst && m_facts.hasImportance ? DType::Q5_1 : m_base;
            default: return m_base;
        }
    }

    std::optional<DType> falconDownType(std::int64_t index, bool isMore) const {
        const bool isFirst = index < m_facts.nLayers / 16;
        switch (m_mix) {
            case Mix::Q3_K_M: return isFirst ? DType::Q5_K : isMore ? DType::Q4_K : DType::Q3_K;
            case Mix::Q3_K_L: return DType::Q4_K;
            case Mix::Q4_K_M: return isFirst ? DType::Q6_K : isMore ? DType::Q5_K : DType::Q4_K;
            case Mix::Q4_K_S: return m_base;
            default: return std::nullopt;
        }
    }

    DType attentionOutputType() const {
        if (isFalcon()) return m_mix == Mix::Q3_K_L ? DType::Q4_K : m_base;
        if (m_facts.nExperts == 8)
            return isOneOf(m_mix, {Mix::Q2_K, Mix::IQ3_XS, Mix::IQ3_XXS, Mix::Q3_K_S, Mix::Q3_K_M,
                                   Mix::IQ4_NL, Mix::Q4_K_S, Mix::Q4_K_M, Mix::IQ3_S, Mix::IQ3_M,
                                   Mix::IQ4_XS})
                       ? DType::Q5_K
                       : m_base;
        switch (m_mix) {
            case Mix::Q2_K: return DType::Q3_K;
            case Mix::IQ3_XXS: return DType::IQ3_S;
            case Mix::Q3_K_M:
            case Mix::IQ3_M: return DType::Q4_K;
            case Mix::Q3_K_L: return DType::Q5_K;
            default: return m_base;
        }
    }

    DType gateType(const MixTensor& tensor) {
        if (m_mix != Mix::IQ3_XS) return m_base;
        const bool isUp = tensor.name.find("ffn_up") != std::string_view::npos;
        const std::int64_t index = placeOf(tensor, isUp ? m_nUpsSeen : m_nGatesSeen);
        const bool isInside = !isInFirstEighth(index) && index < 7 * m_facts.nLayers / 8;
        return isInside ? DType::IQ3_XXS : m_base;
    }

    const Mix m_mix;
    const MixFacts& m_facts;
    const DType m_base;
    bool m_isTied = false;
    std::int64_t m_nSharing = 0;  // query heads that read one KV head
    std::int64_t m_nValues = 0;
    std::int64_t m_nValuesSeen = 0;
    std::int64_t m_nDownsSeen = 0;
    std::int64_t m_nGatesSeen = 0;
    std::int64_t m_nUpsSeen = 0;
};

// Whether `pattern` (* for any text, ? for one character) stands for all of `text`.
bool isGlobMatching(std::string_view pattern, std::string_view text) {
    std::size_t atPattern = 0, atText = 0;
    std::size_t star = pattern.npos, textBehindStar = 0;
    while (atText < text.size()) {
        const bool isThere = atPattern < pattern.size();
        if (isThere && pattern[atPattern] == '*') {
            star = atPattern++;
            textBehindStar = atText;
        } else if (isThere && (pattern[atPattern] == '?' || pattern[atPattern] == text[atText])) {
            ++atPattern;
            ++atText;
        } else if (star != pattern.npos) {
            // The last star takes one character more.
            atPattern = star + 1;
            atText = ++textBehindStar;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', atPattern) == pattern.npos;
}

}  // namespace

std::span<const MixTraits> allMixes() { return kMixes; }

const MixTraits& mixTraits(Mix mix) {
    const auto found = std::find_if(kMixes.begin(), kMixes.end(),
                                    [mix](const MixTraits& traits) { return traits.mix == mix; });
    SOTTO_CHECK(found != kMixes.end());
    return *found;
}

std::optional<Mix> mixFromName(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, Mix>, 3> kShortNames{
        {{"Q3_K", Mix::Q3_K_M}, {"Q4_K", Mix::Q4_K_M}, {"Q5_K", Mix::Q5_K_M}}};
    for (const auto& [shortName, mix] : kShortNames)
        if (isSameTypeName(name, shortName)) return mix;
    for (const MixTraits& traits : kMixes)
        if (isSameTypeName(name, traits.name)) return traits.mix;
    return std::nullopt;
}

bool isKeptAsItIs(const MixTensor& tensor) {
    // Small, or read in another way than as a product's matrix.
    constexpr std::array<std::string_view, 25> kKept{"_norm.weight",
                                                     "ffn_gate_inp",
                                                     "ssm_conv1d",
                                                     "shortconv.conv",
                                                     "altup",
                                                     "laurel",
                                                     "per_layer_model_proj",
                                                     "token_types.weight",
                                                     "position_embd",
                                                     "patch_embd",
                                                     "attn_rel_b.weight",
                                                     "time_mix_first.weight",
                                                     "time_mix_lerp_fused.weight",
                                                     "time_mix_w0.weight",
                                                     "time_mix_w1.weight",
                                                     "time_mix_w2.weight",
                                                     "time_mix_v0.weight",
                                                     "time_mix_v1.weight",
                                                     "time_mix_v2.weight",
                                                     "time_mix_a0.weight",
                                                     "time_mix_a1.weight",
                                                     "time_mix_a2.weight",
                                                     "time_mix_g1.weight",
                                                     "time_mix_g2.weight",
                                                     "time_mix_decay_w"};
    // A last dimension of 1 is none.
    std::size_t nDims = tensor.shape.size();
    while (nDims > 0 && tensor.shape[nDims - 1] == 1) --nDims;
    if (nDims < 2 || !tensor.name.ends_with("weight")) return true;
    return std::any_of(kKept.begin(), kKept.end(), [&](std::string_view part) {
        return tensor.name.find(part) != std::string_view::npos;
    });
}

DType fittingType(DType type, std::int64_t nColumns) {
    // What has about the same size in blocks of 32.
    constexpr std::array<std::pair<DType, DType>, 15> kSmaller{{
        {DType::IQ1_S, DType::IQ4_NL},
        {DType::IQ1_M, DType::IQ4_NL},
        {DType::IQ2_XXS, DType::IQ4_NL},
        {DType::IQ2_XS, DType::IQ4_NL},
        {DType::IQ2_S, DType::IQ4_NL},
        {DType::IQ3_XXS, DType::IQ4_NL},
        {DType::IQ3_S, DType::IQ4_NL},
        {DType::IQ4_XS, DType::IQ4_NL},
        {DType::Q2_K, DType::Q4_0},
        {DType::Q3_K, DType::Q4_0},
        {DType::TQ1_0, DType::Q4_0},
        {DType::TQ2_0, DType::Q4_0},
        {DType::Q4_K, DType::Q5_0},
        {DType::Q5_K, DType::Q5_1},
        {DType::Q6_K, DType::Q8_0},
    }};
    const auto isFitting = [nColumns](DType one) {
        return nColumns % static_cast<std::int64_t>(dtypeTraits(one).blockElements) == 0;
    };
    if (isFitting(type)) return type;
    const auto found = std::find_if(kSmaller.begin(), kSmaller.end(),
                                    [type](const auto& pair) { return pair.first == type; });
    return found != kSmaller.end() && isFitting(found->second) ? found->second : DType::F16;
}

bool isNeverMeasured(std::string_view tensorName) {
    return tensorName == "token_embd.weight" || tensorName == "output.weight";
}

bool isImportanceRequired(Mix mix, std::string_view tensorName, DType type) {
    if (isNeverMeasured(tensorName)) return false;
    if (type == DType::Q2_K) return mix == Mix::Q2_K_S;
    return needsImportance(type);
}

std::vector<ChosenType> chooseTypes(Mix mix, const MixFacts& facts,
                                    std::span<const MixTensor> tensors) {
    // Counters run by layer, then by name, in whatever order a file has them.
    std::vector<std::size_t> order(tensors.size());
    for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        const std::int64_t leftLayer = layerOf(tensors[left].name);
        const std::int64_t rightLayer = layerOf(tensors[right].name);
        return leftLayer != rightLayer ? leftLayer < rightLayer
                                       : tensors[left].name < tensors[right].name;
    });
    Chooser chooser(mix, facts, tensors);
    std::vector<ChosenType> chosen(tensors.size());
    for (const std::size_t index : order) {
        const MixTensor& tensor = tensors[index];
        if (isKeptAsItIs(tensor)) continue;
        const DType wanted = chooser.choose(tensor);
        const DType fitting = fittingType(wanted, tensor.shape.front());
        chosen[index].type = fitting;
        if (fitting != wanted) chosen[index].refused = wanted;
    }
    return chosen;
}

bool KeepRule::isMatching(std::string_view tensorName) const {
    if (pattern.find_first_of("*?") == std::string::npos)
        return tensorName.find(pattern) != std::string_view::npos;
    return isGlobMatching(pattern, tensorName);
}

Result<KeepRule> parseKeepRule(std::string_view text) {
    const std::size_t equals = text.rfind('=');
    const std::string_view typeName =
        equals == text.npos ? std::string_view() : text.substr(equals + 1);
    const auto type = dtypeFromName(typeName);
    if (equals == 0 || !type)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is not PATTERN=TYPE with a part of a tensor's name and a "
                                "tensor type, as attn_v=Q8_0",
                                text),
                    std::string(text));
    return KeepRule{std::string(text.substr(0, equals)), *type};
}

}  // namespace sotto
