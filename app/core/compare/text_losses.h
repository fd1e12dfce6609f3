// What models lose against a reference on a text (engine/api/compare_text.h), as a comparison keeps
// it: with what was read, and by field.
//
// Plain values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "engine/api/compare_text.h"

namespace sotto::app {

enum class LossSource : std::uint8_t { BuiltIn, File, Chat };

// What was read, of which nothing is kept but its name.
struct LossText {
    LossSource source = LossSource::BuiltIn;
    std::string name;        // of a file
    bool isPrivate = false;  // of a temporary chat: its figures are not kept either
    std::int64_t chunkTokens = 0;
    std::int64_t tokens = 0;  // that each model read
    double seconds = 0;       // for all of them
};

nlohmann::json lossTextJson(const LossText& text);
std::optional<LossText> readLossText(const nlohmann::json& json);  // nothing: it is none
nlohmann::json lossJson(const TextComparisonRow& row);
std::optional<TextComparisonRow> readLoss(const nlohmann::json& json);  // the same

// A sentence about the text, and the row of a Markdown table of kLossHead.
std::string lossTextMarkdown(const LossText& text);
inline constexpr const char* kLossHead =
    "| Model | same next word | KL mean | ± | KL median | KL 99 % | KL max | perplexity | ratio | "
    "mean Δp |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
std::string lossMarkdown(const std::string& model, const TextComparisonRow& row);

}  // namespace sotto::app
