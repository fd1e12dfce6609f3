// The layers of settings: app → model → chat, each setting only what it wants; the last that sets a
// value wins, and it is known which one that was.
//
// Pure values and functions. As JSON a layer is one flat object ({"temperature": 0.3,
// "systemPrompt": "…"}), which storage keeps as text in the app's settings, the model's row and
// the chat's row.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/api/generation_request.h"

namespace sotto::app {

// Where a value comes from.
enum class Layer : std::uint8_t { Default, App, Model, Chat };

// A setting that is a number, with its range and what the engine does without it. `seed` and
// `maxTokens`: -1 is "random" and "no limit".
struct NumberSetting {
    std::string_view key;
    double minimum = 0;
    double maximum = 0;
    double defaultValue = 0;
    bool isWhole = false;
};

// All of them, in the order in which the window shows them.
std::span<const NumberSetting> numberSettings();

// What one layer sets; everything else comes from the layers below it.
struct SettingsLayer {
    std::map<std::string, double, std::less<>> numbers;  // by NumberSetting::key, within its range
    std::optional<std::string> systemPrompt;             // an empty one says: none
    std::optional<bool> isThinking;
};

// Unknown keys and values that are out of range or of another type are left out, so that a damaged
// or foreign text is a layer that sets less. Never fails.
SettingsLayer settingsFromJson(std::string_view json);
std::string settingsToJson(const SettingsLayer& layer);

struct LayeredNumber {
    double value = 0;
    Layer source = Layer::Default;
};

struct EffectiveSettings {
    std::map<std::string, LayeredNumber, std::less<>> numbers;  // every NumberSetting
    std::string systemPrompt;
    Layer systemPromptSource = Layer::Default;
    std::optional<bool> isThinking;  // unset: the model's template decides
    Layer isThinkingSource = Layer::Default;
};

EffectiveSettings resolveSettings(const SettingsLayer& app, const SettingsLayer& model,
                                  const SettingsLayer& chat);

// Writes the numbers into `request`; a seed of -1 leaves it unset.
void applySettings(const EffectiveSettings& settings, GenerationRequest& request);

}  // namespace sotto::app
