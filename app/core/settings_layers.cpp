#include "app/core/settings_layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/api/engine_options.h"

namespace sotto::app {
namespace {

// The engine's own defaults, said once, there.
const SamplingSettings kEngineDefaults;
// The largest whole number that JSON readers agree on.
constexpr double kLargestExact = 9007199254740991.0;

const std::array<NumberSetting, 12> kNumbers{{
    {"temperature", 0, 5, kEngineDefaults.temperature, false},
    {"topK", 0, 100000, static_cast<double>(kEngineDefaults.topK), true},
    {"topP", 0, 1, kEngineDefaults.topP, false},
    {"minP", 0, 1, kEngineDefaults.minP, false},
    {"typicalP", 0, 1, kEngineDefaults.typicalP, false},
    {"repeatPenalty", 0.01, 10, kEngineDefaults.repeatPenalty, false},
    {"presencePenalty", -10, 10, kEngineDefaults.presencePenalty, false},
    {"frequencyPenalty", -10, 10, kEngineDefaults.frequencyPenalty, false},
    {"penaltyTokens", -1, 1e6, static_cast<double>(kEngineDefaults.penaltyTokens), true},
    {"dryMultiplier", 0, 10, kEngineDefaults.dry.multiplier, false},
    {"maxTokens", -1, 1e7, -1, true},
    {"seed", -1, kLargestExact, -1, true},
}};

constexpr std::int64_t kMostContextTokens = kOwnContext;
constexpr std::int32_t kMostLayers = 10'000;  // no model has a tenth of them

// By ThinkingSetting.
constexpr std::array<const char*, 3> kThinkingNames{"auto", "on", "off"};

// By DraftKind.
constexpr std::array<const char*, 3> kDraftNames{"off", "ngram", "model"};

// By OverflowWay.
constexpr std::array<const char*, 4> kOverflowNames{"ask", "grow", "drop", "sinks"};

// Branches of one chat that each lost their oldest turns; more are not worth remembering.
constexpr std::size_t kMostDropped = 64;

// Of earlier versions: the sampling numbers one level deeper, thinking as a flag.
constexpr const char* kNestedSampling = "sampling";
constexpr const char* kOldThinking = "isThinking";

const NumberSetting* findNumber(std::string_view key) {
    const auto found = std::find_if(kNumbers.begin(), kNumbers.end(),
                                    [&](const NumberSetting& entry) { return entry.key == key; });
    return found == kNumbers.end() ? nullptr : &*found;
}

bool isAllowed(const NumberSetting& setting, double value) {
    return std::isfinite(value) && value >= setting.minimum && value <= setting.maximum &&
           (!setting.isWhole || std::floor(value) == value);
}

std::optional<ThinkingSetting> toThinking(const nlohmann::json& value) {
    if (value.is_boolean()) return value.get<bool>() ? ThinkingSetting::On : ThinkingSetting::Off;
    for (std::size_t index = 0; index < kThinkingNames.size(); ++index)
        if (value == kThinkingNames[index] || value == index)
            return static_cast<ThinkingSetting>(index);
    return std::nullopt;
}

std::optional<DraftKind> toDraft(const nlohmann::json& value) {
    for (std::size_t index = 0; index < kDraftNames.size(); ++index)
        if (value == kDraftNames[index]) return static_cast<DraftKind>(index);
    return std::nullopt;
}

std::optional<OverflowWay> toOverflow(const nlohmann::json& value) {
    for (std::size_t index = 0; index < kOverflowNames.size(); ++index)
        if (value == kOverflowNames[index]) return static_cast<OverflowWay>(index);
    return std::nullopt;
}

// Pairs of a message and tokens; false where it is anything else.
bool takeDropped(SettingsLayer& layer, const nlohmann::json& value) {
    if (!value.is_array() || value.empty() || value.size() > kMostDropped) return false;
    std::vector<DroppedTurns> dropped;
    for (const nlohmann::json& pair : value) {
        const bool isPair = pair.is_array() && pair.size() == 2 && pair[0].is_number_integer() &&
                            pair[1].is_number_integer();
        if (!isPair) return false;
        dropped.push_back({pair[0].get<std::int64_t>(), pair[1].get<std::int64_t>()});
        if (dropped.back().message <= 0 || dropped.back().nTokens < 0) return false;
    }
    layer.dropped = std::move(dropped);
    return true;
}

std::optional<std::int64_t> toContextTokens(const nlohmann::json& value) {
    if (!value.is_number_integer() || value < 0 || value > kMostContextTokens) return std::nullopt;
    return value.get<std::int64_t>();
}

std::optional<std::string> toKvType(const nlohmann::json& value) {
    if (!value.is_string()) return std::nullopt;
    const auto types = kvTypesFromText(value.get_ref<const std::string&>());
    return types ? std::optional(kvTypesText(*types)) : std::nullopt;
}

std::optional<std::string> toName(const nlohmann::json& value) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) return std::nullopt;
    return value.get<std::string>();
}

std::optional<std::int32_t> toGpuLayers(const nlohmann::json& value) {
    if (!value.is_number_integer() || value < 0 || value > kMostLayers) return std::nullopt;
    return value.get<std::int32_t>();
}

// False: nothing here understands it.
bool takeValue(SettingsLayer& layer, const std::string& key, const nlohmann::json& value) {
    if (const NumberSetting* setting = findNumber(key)) {
        if (!value.is_number() || !isAllowed(*setting, value.get<double>())) return false;
        layer.numbers[key] = value.get<double>();
        return true;
    }
    if (key == kSystemPromptKey && value.is_string()) {
        layer.systemPrompt = value.get<std::string>();
        return true;
    }
    if (key == kThinkingKey || (key == kOldThinking && value.is_boolean()))
        return (layer.thinking = toThinking(value)).has_value();
    if (key == kDraftKey) return (layer.draft = toDraft(value)).has_value();
    if (key == kOverflowKey) return (layer.overflow = toOverflow(value)).has_value();
    if (key == kDroppedKey) return takeDropped(layer, value);
    if (key == kContextTokensKey)
        return (layer.load.contextTokens = toContextTokens(value)).has_value();
    if (key == kKvTypeKey) return (layer.load.kvType = toKvType(value)).has_value();
    if (key == kDeviceKey) return (layer.load.device = toName(value)).has_value();
    if (key == kGpuLayersKey) return (layer.load.gpuLayers = toGpuLayers(value)).has_value();
    if (key == kDraftModelKey) return (layer.load.draftModel = toName(value)).has_value();
    return false;
}

template <typename T>
void overlay(Layered<T>& effective, const std::optional<T>& own, Layer source) {
    if (own) effective = {*own, source};
}

}  // namespace

std::span<const NumberSetting> numberSettings() { return kNumbers; }

SettingsLayer settingsFromJson(std::string_view json) {
    SettingsLayer layer;
    const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return layer;
    for (const auto& [key, value] : object.items()) {
        if (key == kNestedSampling && value.is_object()) {
            // Numbers only: whatever else stood there had no effect, and gets none by being moved.
            nlohmann::json rest = value;
            for (const auto& [name, number] : value.items()) {
                if (findNumber(name) == nullptr) continue;
                if (object.contains(name) || takeValue(layer, name, number)) rest.erase(name);
            }
            if (!rest.empty()) layer.others[key] = rest.dump();
        } else if (!takeValue(layer, key, value)) {
            layer.others[key] = value.dump();
        }
    }
    return layer;
}

std::string settingsToJson(const SettingsLayer& layer) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, text] : layer.others) {
        const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
        if (!value.is_discarded()) object[key] = value;
    }
    for (const auto& [key, value] : layer.numbers) {
        const NumberSetting* setting = findNumber(key);
        if (!setting || !isAllowed(*setting, value)) continue;
        if (setting->isWhole) {
            object[key] = static_cast<std::int64_t>(value);
        } else {
            object[key] = value;
        }
    }
    const auto put = [&](std::string_view key, const auto& value) {
        if (value) object[std::string(key)] = *value;
    };
    put(kSystemPromptKey, layer.systemPrompt);
    put(kContextTokensKey, layer.load.contextTokens);
    put(kKvTypeKey, layer.load.kvType);
    put(kDeviceKey, layer.load.device);
    put(kGpuLayersKey, layer.load.gpuLayers);
    put(kDraftModelKey, layer.load.draftModel);
    if (layer.thinking)
        object[std::string(kThinkingKey)] =
            kThinkingNames[static_cast<std::size_t>(*layer.thinking)];
    if (layer.draft)
        object[std::string(kDraftKey)] = kDraftNames[static_cast<std::size_t>(*layer.draft)];
    if (layer.overflow)
        object[std::string(kOverflowKey)] =
            kOverflowNames[static_cast<std::size_t>(*layer.overflow)];
    const std::size_t nOld = layer.dropped.size() - std::min(layer.dropped.size(), kMostDropped);
    for (std::size_t at = nOld; at < layer.dropped.size(); ++at)
        object[std::string(kDroppedKey)].push_back(
            {layer.dropped[at].message, layer.dropped[at].nTokens});
    // A prompt that is not UTF-8 must not throw: its broken bytes become U+FFFD.
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool resetSetting(SettingsLayer& layer, std::string_view key) {
    const SettingsLayer before = layer;
    if (const auto number = layer.numbers.find(key); number != layer.numbers.end())
        layer.numbers.erase(number);
    if (const auto other = layer.others.find(key); other != layer.others.end())
        layer.others.erase(other);
    if (key == kSystemPromptKey) layer.systemPrompt.reset();
    if (key == kThinkingKey) layer.thinking.reset();
    if (key == kDraftKey) layer.draft.reset();
    if (key == kOverflowKey) layer.overflow.reset();
    if (key == kDroppedKey) layer.dropped.clear();
    if (key == kContextTokensKey) layer.load.contextTokens.reset();
    if (key == kKvTypeKey) layer.load.kvType.reset();
    if (key == kDeviceKey) layer.load.device.reset();
    if (key == kGpuLayersKey) layer.load.gpuLayers.reset();
    if (key == kDraftModelKey) layer.load.draftModel.reset();
    return layer != before;
}

EffectiveSettings resolveSettings(const SettingsLayer& app, const SettingsLayer& model,
                                  const SettingsLayer& chat) {
    EffectiveSettings effective;
    effective.kvType.value = kvTypesText({});
    for (const NumberSetting& setting : kNumbers) {
        effective.numbers[std::string(setting.key)] = {setting.defaultValue, Layer::Default};
    }
    const std::array<std::pair<const SettingsLayer*, Layer>, 3> layers{
        {{&app, Layer::App}, {&model, Layer::Model}, {&chat, Layer::Chat}}};
    for (const auto& [layer, source] : layers) {
        for (const auto& [key, value] : layer->numbers) {
            const NumberSetting* setting = findNumber(key);
            if (setting && isAllowed(*setting, value)) effective.numbers[key] = {value, source};
        }
        overlay(effective.systemPrompt, layer->systemPrompt, source);
        overlay(effective.thinking, layer->thinking, source);
        overlay(effective.draft, layer->draft, source);
        overlay(effective.overflow, layer->overflow, source);
        overlay(effective.contextTokens, layer->load.contextTokens, source);
        overlay(effective.kvType, layer->load.kvType, source);
        if (source != Layer::Model) continue;
        overlay(effective.device, layer->load.device, source);
        overlay(effective.gpuLayers, layer->load.gpuLayers, source);
        overlay(effective.draftModel, layer->load.draftModel, source);
    }
    return effective;
}

void applySettings(const EffectiveSettings& settings, GenerationRequest& request) {
    const auto value = [&](std::string_view key) {
        const auto found = settings.numbers.find(key);
        return found == settings.numbers.end() ? findNumber(key)->defaultValue
                                               : found->second.value;
    };
    const auto real = [&](std::string_view key) { return static_cast<float>(value(key)); };
    const auto whole = [&](std::string_view key) { return static_cast<std::int32_t>(value(key)); };
    SamplingSettings& sampling = request.sampling;
    sampling.temperature = real("temperature");
    sampling.topK = whole("topK");
    sampling.topP = real("topP");
    sampling.minP = real("minP");
    sampling.typicalP = real("typicalP");
    sampling.repeatPenalty = real("repeatPenalty");
    sampling.presencePenalty = real("presencePenalty");
    sampling.frequencyPenalty = real("frequencyPenalty");
    sampling.penaltyTokens = whole("penaltyTokens");
    sampling.dry.multiplier = real("dryMultiplier");
    request.maxTokens = static_cast<std::int64_t>(value("maxTokens"));
    request.draft = settings.draft.value;
    request.overflow =
        settings.overflow.value == OverflowWay::Sinks ? Overflow::Sinks : Overflow::Stop;
    const double seed = value("seed");
    sampling.seed.reset();
    if (seed >= 0) sampling.seed = static_cast<std::uint64_t>(seed);
}

}  // namespace sotto::app
