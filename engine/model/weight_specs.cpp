#include "engine/model/weight_specs.h"

#include <fmt/format.h>

namespace sotto {
namespace {

constexpr Extent kEmbd{
    .count = [](const WeightScope& scope) -> std::int64_t { return scope.config.nEmbd; },
    .key = "embedding_length"};
constexpr Extent kVocab{
    .count = [](const WeightScope& scope) -> std::int64_t { return scope.config.nVocab; },
    .key = "vocab_size"};
constexpr Extent kRotaryPairs{.count = [](const WeightScope& scope) -> std::int64_t {
                                  return scope.layer.attention.rope.rotaryDims / 2;
                              },
                              .key = "rope.dimension_count"};
constexpr Extent kHeads{.count = [](const WeightScope& scope) -> std::int64_t {
                            const AttentionConfig& attention = scope.layer.attention;
                            return std::int64_t{attention.nHeads} * attention.headDim;
                        },
                        .key = "attention.head_count x key_length"};
constexpr Extent kKvHeads{.count = [](const WeightScope& scope) -> std::int64_t {
                              const AttentionConfig& attention = scope.layer.attention;
                              return std::int64_t{attention.nKvHeads} * attention.headDim;
                          },
                          .key = "attention.head_count_kv x key_length"};
constexpr Extent kHeadDim{
    .count = [](const WeightScope& scope) -> std::int64_t { return scope.layer.attention.headDim; },
    .key = "attention.key_length"};
constexpr Extent kFeed{.count = [](const WeightScope& scope) -> std::int64_t {
                           return scope.layer.feedForward.nFeedForward;
                       },
                       .key = "feed_forward_length"};
constexpr Extent kExpertFeed{.count = kFeed.count,
                             .key = "expert_feed_forward_length x expert_count"};
constexpr Extent kExperts{.count = [](const WeightScope& scope) -> std::int64_t {
                              return scope.layer.feedForward.experts.nExperts;
                          },
                          .key = "expert_count"};

Presence optional(const WeightScope&) { return Presence::Optional; }
Presence inputBias(const WeightScope& scope) { return scope.layer.attention.inputBias; }
Presence outputBias(const WeightScope& scope) { return scope.layer.attention.outputBias; }
Presence qkNorm(const WeightScope& scope) { return scope.layer.attention.qkNorm; }
Presence feedForwardBias(const WeightScope& scope) { return scope.layer.feedForward.bias; }

// clang-format off
constexpr std::array kModel{
    WeightSpec{.name = "token_embd.weight", .place = &Weights::embedding, .columns = kEmbd, .rows = kVocab},
    WeightSpec{.name = "output_norm.weight", .place = &Weights::outputNorm, .columns = kEmbd},
    // Without it the embedding is the head.
    WeightSpec{.name = "output.weight", .place = &Weights::head, .columns = kEmbd, .rows = kVocab, .presence = optional},
    WeightSpec{.name = "rope_freqs.weight", .place = RotationFactors{}, .columns = kRotaryPairs, .presence = optional},
};

constexpr std::array kAttention{
    WeightSpec{.name = "attn_norm.weight", .place = &LayerWeights::attentionNorm, .columns = kEmbd},
    WeightSpec{.name = "attn_q.weight", .place = &LayerWeights::query, .columns = kEmbd, .rows = kHeads},
    WeightSpec{.name = "attn_k.weight", .place = &LayerWeights::key, .columns = kEmbd, .rows = kKvHeads},
    WeightSpec{.name = "attn_v.weight", .place = &LayerWeights::value, .columns = kEmbd, .rows = kKvHeads},
    WeightSpec{.name = "attn_output.weight", .place = &LayerWeights::attentionOutput, .columns = kHeads, .rows = kEmbd},
    WeightSpec{.name = "attn_q.bias", .place = &LayerWeights::queryBias, .columns = kHeads, .presence = inputBias},
    WeightSpec{.name = "attn_k.bias", .place = &LayerWeights::keyBias, .columns = kKvHeads, .presence = inputBias},
    WeightSpec{.name = "attn_v.bias", .place = &LayerWeights::valueBias, .columns = kKvHeads, .presence = inputBias},
    WeightSpec{.name = "attn_output.bias", .place = &LayerWeights::attentionOutputBias, .columns = kEmbd, .presence = outputBias},
    WeightSpec{.name = "attn_q_norm.weight", .place = &LayerWeights::queryNorm, .columns = kHeadDim, .presence = qkNorm},
    WeightSpec{.name = "attn_k_norm.weight", .place = &LayerWeights::keyNorm, .columns = kHeadDim, .presence = qkNorm},
};

constexpr WeightSpec kFeedForwardNorm{.name = "ffn_norm.weight", .place = &LayerWeights::feedForwardNorm, .columns = kEmbd};

constexpr std::array kDense{
    kFeedForwardNorm,
    WeightSpec{.name = "ffn_gate.weight", .place = &LayerWeights::gate, .columns = kEmbd, .rows = kFeed},
    WeightSpec{.name = "ffn_up.weight", .place = &LayerWeights::up, .columns = kEmbd, .rows = kFeed},
    WeightSpec{.name = "ffn_down.weight", .place = &LayerWeights::down, .columns = kFeed, .rows = kEmbd},
    WeightSpec{.name = "ffn_gate.bias", .place = &LayerWeights::gateBias, .columns = kFeed, .presence = feedForwardBias},
    WeightSpec{.name = "ffn_up.bias", .place = &LayerWeights::upBias, .columns = kFeed, .presence = feedForwardBias},
    WeightSpec{.name = "ffn_down.bias", .place = &LayerWeights::downBias, .columns = kEmbd, .presence = feedForwardBias},
};

constexpr std::array kMixture{
    kFeedForwardNorm,
    WeightSpec{.name = "ffn_gate_inp.weight", .place = &LayerWeights::router, .columns = kEmbd, .rows = kExperts},
    WeightSpec{.name = "ffn_gate_exps.weight", .place = &LayerWeights::gate, .columns = kEmbd, .rows = kExpertFeed, .stack = kExperts},
    WeightSpec{.name = "ffn_up_exps.weight", .place = &LayerWeights::up, .columns = kEmbd, .rows = kExpertFeed, .stack = kExperts},
    WeightSpec{.name = "ffn_down_exps.weight", .place = &LayerWeights::down, .columns = kExpertFeed, .rows = kEmbd, .stack = kExperts},
};
// clang-format on

}  // namespace

std::string WeightSpec::tensorName(std::int32_t layerIndex) const {
    return isOfLayer() ? fmt::format("blk.{}.{}", layerIndex, name) : std::string(name);
}

SpecTable modelTable() { return kModel; }

std::array<SpecTable, 2> layerTables(const LayerConfig& layer) {
    return {SpecTable(kAttention),
            layer.feedForward.isMixture() ? SpecTable(kMixture) : SpecTable(kDense)};
}

}  // namespace sotto
