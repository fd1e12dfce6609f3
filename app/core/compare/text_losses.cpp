#include "app/core/compare/text_losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/core/json_entries.h"

namespace sotto::app {
namespace {

// Names of reports: they stay as they are.
struct LossField {
    const char* name;
    double TextComparisonRow::*value;
};
// Of a base's field as one of the row.
template <double DivergenceStatistics::*Field>
constexpr double TextComparisonRow::*kOfRow = Field;

constexpr std::array kLossFields{
    LossField{"perplexity", &TextComparisonRow::perplexity},
    LossField{"perplexityError", &TextComparisonRow::standardError},
    LossField{"klMean", kOfRow<&DivergenceStatistics::klMean>},
    LossField{"klError", kOfRow<&DivergenceStatistics::klError>},
    LossField{"klMedian", kOfRow<&DivergenceStatistics::klMedian>},
    LossField{"klP99", kOfRow<&DivergenceStatistics::klP99>},
    LossField{"klMax", kOfRow<&DivergenceStatistics::klMax>},
    LossField{"top1Agreement", kOfRow<&DivergenceStatistics::top1Agreement>},
    LossField{"perplexityRatio", kOfRow<&DivergenceStatistics::perplexityRatio>},
    LossField{"perplexityRatioError", kOfRow<&DivergenceStatistics::perplexityRatioError>},
    LossField{"deltaPMean", kOfRow<&DivergenceStatistics::deltaPMean>},
    LossField{"deltaPRms", kOfRow<&DivergenceStatistics::deltaPRms>},
};

constexpr std::array kSourceNames{"builtIn", "file", "chat"};

std::optional<double> finiteOf(const nlohmann::json& json, const char* name) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number()) return std::nullopt;
    const auto value = found->get<double>();
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::int64_t countOf(const nlohmann::json& json, const char* name) {
    return static_cast<std::int64_t>(wholeField(json, name));
}

}  // namespace

nlohmann::json lossTextJson(const LossText& text) {
    return {{"source", kSourceNames[static_cast<std::size_t>(text.source)]},
            {"name", text.name},
            {"chunkTokens", text.chunkTokens},
            {"tokens", text.tokens},
            {"seconds", text.seconds}};
}

std::optional<LossText> readLossText(const nlohmann::json& json) {
    if (!json.is_object()) return std::nullopt;
    const auto source = json.find("source");
    const auto name = json.find("name");
    if (source == json.end() || name == json.end() || !name->is_string()) return std::nullopt;
    const auto known = std::ranges::find_if(
        kSourceNames, [&](const char* of) { return *source == std::string(of); });
    if (known == kSourceNames.end()) return std::nullopt;
    LossText text;
    text.source = static_cast<LossSource>(known - kSourceNames.begin());
    text.name = name->get<std::string>();
    text.chunkTokens = countOf(json, "chunkTokens");
    text.tokens = countOf(json, "tokens");
    text.seconds = numberField(json, "seconds");
    return text;
}

nlohmann::json lossJson(const TextComparisonRow& row) {
    nlohmann::json json = {
        {"hasKl", row.hasKl}, {"tokens", row.tokens}, {"readTokens", row.readTokens}};
    for (const LossField& field : kLossFields) json[field.name] = row.*field.value;
    return json;
}

std::optional<TextComparisonRow> readLoss(const nlohmann::json& json) {
    if (!json.is_object()) return std::nullopt;
    TextComparisonRow row;
    row.hasKl = flagField(json, "hasKl");
    row.tokens = countOf(json, "tokens");
    row.readTokens = countOf(json, "readTokens");
    for (const LossField& field : kLossFields) {
        const auto value = finiteOf(json, field.name);
        if (!value) return std::nullopt;
        row.*field.value = *value;
    }
    return row;
}

std::string lossTextMarkdown(const LossText& text) {
    const std::string name = text.source == LossSource::BuiltIn ? std::string("the built-in text")
                             : text.source == LossSource::Chat  ? std::string("a chat")
                                                                : "\"" + text.name + "\"";
    return fmt::format("On {}: {} tokens in chunks of {}, the second half of each scored.\n\n",
                       name, text.tokens, text.chunkTokens);
}

std::string lossMarkdown(const std::string& model, const TextComparisonRow& row) {
    if (!row.hasKl)
        return fmt::format("| {} | reference | | | | | | {:.4f} | | |\n", model, row.perplexity);
    return fmt::format(
        "| {} | {:.2f} % | {:.6f} | {:.6f} | {:.6f} | {:.4f} | {:.3f} | {:.4f} | {:.5f} | {:+.3f} "
        "% "
        "|\n",
        model, row.top1Agreement * 100, row.klMean, row.klError, row.klMedian, row.klP99, row.klMax,
        row.perplexity, row.perplexityRatio, row.deltaPMean * 100);
}

}  // namespace sotto::app
