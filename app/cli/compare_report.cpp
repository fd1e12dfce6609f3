#include "app/cli/compare_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace sotto::cli {

std::string labelOf(const ComparedModel& model) {
    const std::filesystem::path& path = model.info.path;
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

namespace {

Json differenceJson(const app::AnswerDifference& difference, std::size_t prompt) {
    Json json{{"prompt", prompt},
              {"token", difference.index},
              {"text", difference.text},
              {"reference_text", difference.referenceText},
              {"by_text", difference.isByText}};
    json["probability"] = difference.isByText ? Json() : Json(difference.probability);
    json["reference_probability"] =
        difference.isByText ? Json() : Json(difference.referenceProbability);
    return json;
}

void addDivergence(const TextComparisonRow& row, Json& json) {
    json["kl"] = {{"mean", row.klMean}, {"error", row.klError}, {"median", row.klMedian},
                  {"p99", row.klP99},   {"p999", row.klP999},   {"max", row.klMax}};
    json["top1_agreement"] = row.top1Agreement;
    json["top1_error"] = row.top1Error;
    json["perplexity_ratio"] = row.perplexityRatio;
    json["perplexity_ratio_error"] = row.perplexityRatioError;
    json["delta_p"] = {
        {"mean", row.deltaPMean}, {"error", row.deltaPError}, {"rms", row.deltaPRms}};
}

// `lost` and `won`: questions that the reference alone, or this model alone, got right.
void addAccuracy(const ComparisonReport& report, std::size_t index, Json& json) {
    json["accuracy"] = nullptr;
    const auto& own = report.models[index].questions;
    const auto& reference = report.models.front().questions;
    if (!own || !reference) return;
    json["accuracy"] = own->accuracy;
    json["accuracy_interval"] = {own->low, own->high};
    json["questions"] = own->isRight.size();
    std::size_t nLost = 0, nWon = 0;
    for (std::size_t question = 0; question < own->isRight.size(); ++question) {
        if (own->isRight[question] == reference->isRight[question]) continue;
        ++(own->isRight[question] ? nWon : nLost);
    }
    json["lost"] = nLost;
    json["won"] = nWon;
}

// What is not known is null: of the reference against itself, and of other vocabularies.
Json rowJson(const ComparisonReport& report, std::size_t index) {
    const ComparedModel& model = report.models[index];
    Json json{{"model", model.info.path.string()},
              {"bytes", model.info.fileBytes},
              {"bits_per_weight", model.info.bitsPerWeight},
              {"quantization", model.info.quantization}};
    const auto& text = model.text;
    json["perplexity"] = text ? Json(text->perplexity) : Json();
    json["standard_error"] = text ? Json(text->standardError) : Json();
    json["tokens"] = text ? Json(text->tokens) : Json();
    for (const char* key : {"kl", "top1_agreement", "top1_error", "perplexity_ratio",
                            "perplexity_ratio_error", "delta_p", "first_difference"})
        json[key] = nullptr;
    if (text && text->hasKl) addDivergence(*text, json);
    if (index > 0) {
        std::size_t nSame = 0;
        const auto differences = report.differences(index);
        for (std::size_t prompt = differences.size(); prompt-- > 0;) {
            if (differences[prompt])
                json["first_difference"] = differenceJson(*differences[prompt], prompt);
            else
                ++nSame;
        }
        json["prompts"] = differences.size();
        json["same_answers"] = nSame;
    }
    addAccuracy(report, index, json);
    const double speed = model.prompts.tokensPerSecond;
    json["tokens_per_s"] = speed > 0 ? Json(speed) : Json();
    json["memory_bytes"] = model.prompts.memoryBytes;
    for (const DepthSpeed& one : model.speeds) {
        const auto orNull = [](auto value) { return value > 0 ? Json(value) : Json(); };
        json["speeds"].push_back({{"depth", one.depth},
                                  {"prompt_tokens_per_s", orNull(one.promptTokensPerSecond)},
                                  {"tokens_per_s", orNull(one.tokensPerSecond)},
                                  {"memory_bytes", orNull(one.memoryBytes)}});
    }
    return json;
}

std::string memoryWords(std::uint64_t bytes, std::uint64_t referenceBytes) {
    if (bytes == referenceBytes) return "as much memory";
    return bytes < referenceBytes ? bytesText(referenceBytes - bytes) + " less"
                                  : bytesText(bytes - referenceBytes) + " more";
}

// What two runs of one model differ by anyway is not told.
std::string speedWords(double ratio) {
    if (ratio > 1 / 1.05 && ratio < 1.05) return "as fast";
    return ratio > 1 ? fmt::format("{:.1f} x faster", ratio)
                     : fmt::format("{:.1f} x slower", 1 / ratio);
}

// "small.gguf: 96.4 % same next word, 1.9 x faster, 7.1 GiB less"
std::string plainWords(const ComparedModel& reference, const ComparedModel& model) {
    std::string words = labelOf(model) + ": ";
    if (model.text && model.text->hasKl)
        words += fmt::format("{:.1f} % same next word, ", model.text->top1Agreement * 100);
    else
        words += "another vocabulary, compared by text only, ";
    const double speed = model.prompts.tokensPerSecond;
    const double referenceSpeed = reference.prompts.tokensPerSecond;
    if (speed > 0 && referenceSpeed > 0) words += speedWords(speed / referenceSpeed) + ", ";
    return words + memoryWords(model.prompts.memoryBytes, reference.prompts.memoryBytes) + "\n";
}

std::string differenceWords(const ComparisonReport& report, std::size_t index) {
    const auto differences = report.differences(index);
    std::string words;
    for (std::size_t prompt = 0; prompt < differences.size(); ++prompt) {
        const auto& difference = differences[prompt];
        words += fmt::format("  prompt {}: ", prompt + 1);
        if (!difference) {
            words += "the same answer\n";
        } else if (difference->isByText) {
            words += fmt::format("from word {}: '{}', reference '{}'\n", difference->index + 1,
                                 difference->text, difference->referenceText);
        } else {
            words += fmt::format("from token {}: '{}' {:.2f}, reference '{}' {:.2f}\n",
                                 difference->index + 1, difference->text, difference->probability,
                                 difference->referenceText, difference->referenceProbability);
        }
    }
    return words;
}

std::string tableRow(const ComparedModel& model, std::size_t labelWidth) {
    const auto cell = [](bool isKnown, const std::string& text, std::size_t width) {
        return fmt::format("  {:>{}}", isKnown ? text : std::string("-"), width);
    };
    const TextComparisonRow row = model.text.value_or(TextComparisonRow{});
    const bool hasText = model.text.has_value();
    std::string line = fmt::format("{:<{}}", labelOf(model), labelWidth);
    line += cell(true, bytesText(model.info.fileBytes), 9);
    line += cell(true, fmt::format("{:.2f}", model.info.bitsPerWeight), 6);
    line += cell(hasText, fmt::format("{:.4f}", row.perplexity), 10);
    line += cell(row.hasKl, fmt::format("{:.5f} +-{:.5f}", row.klMean, row.klError), 18);
    line += cell(row.hasKl, fmt::format("{:.5f}", row.klMedian), 8);
    line += cell(row.hasKl, fmt::format("{:.4f}", row.klP99), 8);
    line += cell(row.hasKl, fmt::format("{:.4f}", row.klMax), 8);
    line += cell(row.hasKl, fmt::format("{:.2f}", row.top1Agreement * 100), 8);
    line += cell(row.hasKl,
                 fmt::format("{:.4f} +-{:.4f}", row.perplexityRatio, row.perplexityRatioError), 16);
    line += cell(model.prompts.tokensPerSecond > 0,
                 fmt::format("{:.1f}", model.prompts.tokensPerSecond), 8);
    line += cell(true, bytesText(model.prompts.memoryBytes), 9);
    if (const auto& scores = model.questions)
        line += cell(true,
                     fmt::format("{:.1f} ({:.1f} to {:.1f})", scores->accuracy * 100,
                                 scores->low * 100, scores->high * 100),
                     20);
    return line + "\n";
}

}  // namespace

std::vector<std::optional<app::AnswerDifference>> ComparisonReport::differences(
    std::size_t model) const {
    std::vector<std::optional<app::AnswerDifference>> found;
    const PromptAnswers& reference = models.front().prompts;
    for (std::size_t prompt = 0; prompt < reference.answers.size(); ++prompt) {
        auto difference =
            app::compareAnswers(reference.answers[prompt], models[model].prompts.answers[prompt],
                                models[model].hasReferenceTokens);
        found.emplace_back();
        if (difference.isThere) found.back() = std::move(difference);
    }
    return found;
}

Json comparisonJson(const ComparisonReport& report) {
    Json rows = Json::array();
    for (std::size_t index = 0; index < report.models.size(); ++index)
        rows.push_back(rowJson(report, index));
    return {{"text", report.textName}, {"chunk_tokens", report.chunkTokens}, {"rows", rows}};
}

std::string comparisonText(const ComparisonReport& report) {
    std::string text = fmt::format("Against {}:\n", labelOf(report.models.front()));
    for (std::size_t index = 1; index < report.models.size(); ++index)
        text += plainWords(report.models.front(), report.models[index]) +
                differenceWords(report, index);
    std::size_t width = 5;
    for (const ComparedModel& model : report.models) width = std::max(width, labelOf(model).size());
    text += fmt::format(
        "\n{:<{}}  {:>9}  {:>6}  {:>10}  {:>18}  {:>8}  {:>8}  {:>8}  {:>8}  {:>16}  {:>8}  "
        "{:>9}",
        "model", width, "file", "bits/w", "perplexity", "KL mean, nats", "median", "99 %", "max",
        "same top", "perplexity ratio", "tokens/s", "memory");
    text += report.models.front().questions ? fmt::format("  {:>20}\n", "% right (95 %)") : "\n";
    for (const ComparedModel& model : report.models) text += tableRow(model, width);
    if (const auto& reference = report.models.front().text)
        text += fmt::format("{}, chunks of {} tokens, {} scored\n", report.textName,
                            report.chunkTokens, reference->tokens);
    return text;
}

}  // namespace sotto::cli
