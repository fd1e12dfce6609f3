#include "app/core/settings_layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

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

constexpr const char* kSystemPrompt = "systemPrompt";
constexpr const char* kThinking = "isThinking";

const NumberSetting* findNumber(std::string_view key) {
    const auto found = std::find_if(kNumbers.begin(), kNumbers.end(),
                                    [&](const NumberSetting& entry) { return entry.key == key; });
    return found == kNumbers.end() ? nullptr : &*found;
}

bool isAllowed(const NumberSetting& setting, double value) {
    return std::isfinite(value) && value >= setting.minimum && value <= setting.maximum &&
           (!setting.isWhole || std::floor(value) == value);
}

}  // namespace

std::span<const NumberSetting> numberSettings() { return kNumbers; }

SettingsLayer settingsFromJson(std::string_view json) {
    SettingsLayer layer;
    const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) return layer;
    for (const auto& [key, value] : object.items()) {
        const NumberSetting* setting = findNumber(key);
        if (setting && value.is_number() && isAllowed(*setting, value.get<double>())) {
            layer.numbers[key] = value.get<double>();
        } else if (key == kSystemPrompt && value.is_string()) {
            layer.systemPrompt = value.get<std::string>();
        } else if (key == kThinking && value.is_boolean()) {
            layer.isThinking = value.get<bool>();
        }
    }
    return layer;
}

std::string settingsToJson(const SettingsLayer& layer) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : layer.numbers) {
        const NumberSetting* setting = findNumber(key);
        if (!setting || !isAllowed(*setting, value)) continue;
        if (setting->isWhole) {
            object[key] = static_cast<std::int64_t>(value);
        } else {
            object[key] = value;
        }
    }
    if (layer.systemPrompt) object[kSystemPrompt] = *layer.systemPrompt;
    if (layer.isThinking) object[kThinking] = *layer.isThinking;
    // A prompt that is not UTF-8 must not throw: its broken bytes become U+FFFD.
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

EffectiveSettings resolveSettings(const SettingsLayer& app, const SettingsLayer& model,
                                  const SettingsLayer& chat) {
    EffectiveSettings effective;
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
        if (layer->systemPrompt) {
            effective.systemPrompt = *layer->systemPrompt;
            effective.systemPromptSource = source;
        }
        if (layer->isThinking) {
            effective.isThinking = layer->isThinking;
            effective.isThinkingSource = source;
        }
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
    const double seed = value("seed");
    sampling.seed.reset();
    if (seed >= 0) sampling.seed = static_cast<std::uint64_t>(seed);
}

}  // namespace sotto::app
