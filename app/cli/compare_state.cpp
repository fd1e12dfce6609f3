#include "app/cli/compare_state.h"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "app/cli/input.h"
#include "base/hash.h"
#include "base/text_file.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "sotto-comparison-1";

// All figures that a report tells.
constexpr std::array<double TextComparisonRow::*, 18> kFigures{
    &TextComparisonRow::perplexity,
    &TextComparisonRow::standardError,
    &TextComparisonRow::seconds,
    &TextComparisonRow::klMean,
    &TextComparisonRow::klError,
    &TextComparisonRow::klMedian,
    &TextComparisonRow::klP99,
    &TextComparisonRow::klP999,
    &TextComparisonRow::klMax,
    &TextComparisonRow::top1Agreement,
    &TextComparisonRow::top1Error,
    &TextComparisonRow::perplexityRatio,
    &TextComparisonRow::perplexityRatioError,
    &TextComparisonRow::logPerplexityRatio,
    &TextComparisonRow::logPerplexityRatioError,
    &TextComparisonRow::deltaPMean,
    &TextComparisonRow::deltaPError,
    &TextComparisonRow::deltaPRms,
};

// Whatever is wrong with a kept value makes it none: the piece is done again.
template <typename Function>
auto orNothing(Function&& function) -> std::optional<decltype(function())> {
    try {
        return function();
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

Result<ComparisonState> ComparisonState::open(const fs::path& path) {
    ComparisonState state;
    state.m_path = path;
    std::error_code error;
    if (!fs::exists(path, error)) return state;
    SOTTO_ASSIGN(const std::string text, readFile(path.string()));
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("format") || json["format"] != kFormat ||
        !json.contains("pieces") || !json["pieces"].is_object())
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' is in the way and is no unfinished comparison: move it or "
                                "choose another name for the table.",
                                path.string()),
                    path.string());
    for (const auto& [key, value] : json["pieces"].items()) state.m_pieces[key] = value;
    return state;
}

std::optional<Json> ComparisonState::find(const std::string& key) const {
    const auto found = m_pieces.find(key);
    return found == m_pieces.end() ? std::nullopt : std::optional(found->second);
}

Status ComparisonState::keep(const std::string& key, Json value) {
    if (!isKeeping()) return {};
    m_pieces[key] = std::move(value);
    const std::string text = Json{{"format", kFormat}, {"pieces", m_pieces}}.dump(
        1, ' ', false, Json::error_handler_t::replace);
    return writeTextFile(m_path, text);
}

void ComparisonState::remove() {
    std::error_code ignored;
    if (isKeeping()) fs::remove(m_path, ignored);
}

std::string modelIdentity(const fs::path& model) {
    std::string identity;
    for (const fs::path& file : modelFiles(model)) {
        std::error_code error;
        const auto size = fs::file_size(file, error);
        const auto time = fs::last_write_time(file, error).time_since_epoch().count();
        identity += fmt::format("|{}|{}|{}", fs::absolute(file, error).string(), size, time);
    }
    return identity;
}

std::string pieceKey(std::string_view kind, const std::vector<fs::path>& models,
                     std::string_view settings) {
    Hash hash;
    for (const fs::path& model : models) {
        const std::string identity = modelIdentity(model);
        hash.append(std::as_bytes(std::span(identity)));
    }
    hash.append(std::as_bytes(std::span(settings)));
    return fmt::format("{} {}", kind, hash.finish());
}

Json keptRow(const TextComparisonRow& row) {
    Json figures = Json::array();
    for (const auto figure : kFigures) figures.push_back(row.*figure);
    return {{"has_kl", row.hasKl},
            {"tokens", row.tokens},
            {"read_tokens", row.readTokens},
            {"figures", figures}};
}

std::optional<TextComparisonRow> rowOf(const Json& kept) {
    return orNothing([&] {
        TextComparisonRow row;
        row.hasKl = kept.at("has_kl").get<bool>();
        row.tokens = kept.at("tokens").get<std::int64_t>();
        row.readTokens = kept.at("read_tokens").get<std::int64_t>();
        for (std::size_t index = 0; index < kFigures.size(); ++index)
            row.*kFigures[index] = kept.at("figures").at(index).get<double>();
        return row;
    });
}

// Pieces may be half a character, which no JSON text holds: their bytes as numbers.
Json keptAnswers(const PromptAnswers& answers) {
    Json list = Json::array();
    for (const app::WrittenAnswer& answer : answers.answers) {
        Json tokens = Json::array();
        for (const app::WrittenToken& token : answer.tokens)
            tokens.push_back({token.id, token.probability,
                              std::vector<std::uint8_t>(token.piece.begin(), token.piece.end())});
        list.push_back({{"text", answer.text}, {"is_ended", answer.isEnded}, {"tokens", tokens}});
    }
    return {{"answers", list},
            {"tokens_per_s", answers.tokensPerSecond},
            {"memory_bytes", answers.memoryBytes}};
}

std::optional<PromptAnswers> answersOf(const Json& kept) {
    return orNothing([&] {
        PromptAnswers answers;
        answers.tokensPerSecond = kept.at("tokens_per_s").get<double>();
        answers.memoryBytes = kept.at("memory_bytes").get<std::uint64_t>();
        for (const Json& one : kept.at("answers")) {
            app::WrittenAnswer& answer = answers.answers.emplace_back();
            answer.text = one.at("text").get<std::string>();
            answer.isOver = true;
            answer.isEnded = one.at("is_ended").get<bool>();
            for (const Json& token : one.at("tokens")) {
                const auto piece = token.at(2).get<std::vector<std::uint8_t>>();
                app::WrittenToken& written = answer.tokens.emplace_back();
                written.id = token.at(0).get<std::int32_t>();
                written.probability = token.at(1).get<float>();
                written.piece.assign(piece.begin(), piece.end());
            }
        }
        return answers;
    });
}

Json keptScores(const QuestionScores& scores) {
    std::string marks;
    for (const bool isRight : scores.isRight) marks += isRight ? '1' : '0';
    return marks;
}

std::optional<QuestionScores> scoresOf(const Json& kept, std::size_t nQuestions) {
    if (!kept.is_string() || kept.get_ref<const std::string&>().size() != nQuestions)
        return std::nullopt;
    std::vector<bool> isRight;
    for (const char mark : kept.get_ref<const std::string&>()) isRight.push_back(mark == '1');
    return questionScores(std::move(isRight));
}

Json keptSpeeds(const std::vector<DepthSpeed>& speeds) {
    Json list = Json::array();
    for (const DepthSpeed& speed : speeds)
        list.push_back(
            {speed.depth, speed.promptTokensPerSecond, speed.tokensPerSecond, speed.memoryBytes});
    return list;
}

std::optional<std::vector<DepthSpeed>> speedsOf(const Json& kept) {
    return orNothing([&] {
        std::vector<DepthSpeed> speeds;
        for (const Json& one : kept)
            speeds.push_back({one.at(0).get<std::int64_t>(), one.at(1).get<double>(),
                              one.at(2).get<double>(), one.at(3).get<std::uint64_t>()});
        return speeds;
    });
}

}  // namespace sotto::cli
