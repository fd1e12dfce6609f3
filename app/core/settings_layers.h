// The layers of settings: app → model → chat, each setting only what it wants; the last that sets a
// value wins, and it is known which one that was.
//
// Pure values and functions. As JSON a layer is one flat object ({"temperature": 0.3,
// "systemPrompt": "…", "thinking": "off"}), which storage keeps as text in the app's settings, the
// model's row and the chat's row.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/generation_request.h"

namespace sotto::app {

// A context as long as the model was trained for, whatever that is.
inline constexpr std::int64_t kOwnContext = std::int64_t{1} << 30;

// Where a value comes from.
enum class Layer : std::uint8_t { Default, App, Model, Chat };

// Auto: the model's template decides.
enum class ThinkingSetting : std::uint8_t { Auto, On, Off };

// What becomes of a chat that outgrows its context. Ask: nobody has said yet.
enum class OverflowWay : std::uint8_t { Ask, Grow, Drop, Sinks };

// What is not sent any more of a chat: each message up to `message` on the paths that it is on.
struct DroppedTurns {
    std::int64_t message = 0;
    std::int64_t nTokens = 0;  // of all of them, when they were dropped

    bool operator==(const DroppedTurns&) const = default;
};

// A sampling setting, with its range and what the engine does without it. `seed` and `maxTokens`:
// -1 is "random" and "no limit".
struct NumberSetting {
    std::string_view key;
    double minimum = 0;
    double maximum = 0;
    double defaultValue = 0;
    bool isWhole = false;
};

// All of them, in the order in which the window shows them.
std::span<const NumberSetting> numberSettings();

// The keys of the settings that are no sampling numbers.
inline constexpr std::string_view kSystemPromptKey = "systemPrompt";
inline constexpr std::string_view kThinkingKey = "thinking";
inline constexpr std::string_view kDraftKey = "draft";
inline constexpr std::string_view kOverflowKey = "overflow";
inline constexpr std::string_view kDroppedKey = "dropped";
inline constexpr std::string_view kContextTokensKey = "contextTokens";
inline constexpr std::string_view kKvTypeKey = "kvType";
inline constexpr std::string_view kDeviceKey = "device";
inline constexpr std::string_view kGpuLayersKey = "gpuLayers";
inline constexpr std::string_view kDraftModelKey = "draftModel";

// How a model is loaded; nothing: as the layers below say.
struct LoadSettings {
    std::optional<std::int64_t> contextTokens;  // 0: the largest that fits; kOwnContext
    std::optional<std::string> kvType;          // as kvTypesText() writes them
    std::optional<std::string> device;          // as in EngineOptions; of a model alone
    std::optional<std::int32_t> gpuLayers;      // the last ones of a model, and of it alone
    // The file of the draft model that is loaded beside a model, where its draft is
    // DraftKind::Model.
    std::optional<std::string> draftModel;

    bool operator==(const LoadSettings&) const = default;
    bool isEmpty() const { return *this == LoadSettings(); }
};

// What one layer sets; everything else comes from the layers below it.
struct SettingsLayer {
    std::map<std::string, double, std::less<>> numbers;  // by NumberSetting::key, within its range
    std::optional<std::string> systemPrompt;             // an empty one says: none
    std::optional<ThinkingSetting> thinking;
    std::optional<DraftKind> draft;
    LoadSettings load;
    std::optional<OverflowWay> overflow;
    std::vector<DroppedTurns> dropped;  // of a chat alone; of branches that do not hold each other
    // What this program does not understand (a later version's keys, values out of range), as JSON
    // texts: it has no effect and is written back as it was.
    std::map<std::string, std::string, std::less<>> others;

    bool operator==(const SettingsLayer&) const = default;
    bool isEmpty() const { return *this == SettingsLayer{{}, {}, {}, {}, {}, {}, {}, others}; }
};

// Never fails: a text that is no JSON object is a layer that sets nothing. Reads what earlier
// versions wrote, too: numbers below "sampling", thinking as 0, 1, 2 or as "isThinking".
SettingsLayer settingsFromJson(std::string_view json);
std::string settingsToJson(const SettingsLayer& layer);

// Takes one value (any of the keys above) out of the layer; whether it was there.
bool resetSetting(SettingsLayer& layer, std::string_view key);

template <typename T>
struct Layered {
    T value{};
    Layer source = Layer::Default;
};

struct EffectiveSettings {
    std::map<std::string, Layered<double>, std::less<>> numbers;  // every NumberSetting
    Layered<std::string> systemPrompt;
    Layered<ThinkingSetting> thinking;
    Layered<DraftKind> draft;
    Layered<OverflowWay> overflow;
    Layered<std::int64_t> contextTokens;
    Layered<std::string> kvType;
    Layered<std::string> device;          // empty: the app's, which is no layer
    Layered<std::int32_t> gpuLayers{-1};  // -1: as many as fit
    Layered<std::string> draftModel;      // of DraftKind::Model
};

EffectiveSettings resolveSettings(const SettingsLayer& app, const SettingsLayer& model,
                                  const SettingsLayer& chat);

// Writes the sampling numbers, what is guessed and whether it may slide into `request`; a seed of
// -1 leaves it unset.
void applySettings(const EffectiveSettings& settings, GenerationRequest& request);

}  // namespace sotto::app
