#include "app/core/compare/comparison_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/core/json_entries.h"

namespace sotto::app {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostTokens = 1 << 20;  // of an answer that is read

const char* stateName(ColumnState state) {
    switch (state) {
        case ColumnState::Done: return "done";
        case ColumnState::Failed: return "failed";
        default: return "stopped";
    }
}

ColumnState stateOfName(const std::string& name) {
    if (name == "done") return ColumnState::Done;
    return name == "failed" ? ColumnState::Failed : ColumnState::Stopped;
}

Json spansJson(const std::vector<TextSpan>& spans) {
    Json list = Json::array();
    for (const TextSpan span : spans) list.push_back({span.begin, span.end});
    return list;
}

Json answerJson(const WrittenAnswer& answer) {
    Json tokens = Json::array();
    for (const WrittenToken& token : answer.tokens)
        tokens.push_back(
            {token.id, token.probability, token.piece, token.text.begin, token.text.end});
    return {{"text", answer.text},
            {"tokens", std::move(tokens)},
            {"thinking", spansJson(answer.thinking)},
            {"isEnded", answer.isEnded}};
}

Json figuresJson(const ComparedColumn& result) {
    const RequestStats& stats = result.stats;
    return {{"promptTokens", stats.promptTokens},
            {"generatedTokens", stats.generatedTokens},
            {"ttftMs", stats.ttftMs},
            {"tpotMeanMs", stats.tpotMeanMs},
            {"tokensPerSecond", stats.tokensPerSecond},
            {"bytesPerStep", stats.bytesPerStep},
            {"mbu", stats.mbu},
            {"readBandwidthGbS", result.readBandwidthGbS},
            {"joulesPerToken", result.joulesPerToken}};
}

// Rows of {token, what the reference gives it, what the model would have said, with which
// probability}.
Json forcedJson(const ForcedReading& reading) {
    Json others = Json::array();
    for (const OtherChoice& other : reading.others)
        others.push_back({other.index, other.referenceProbability, other.text, other.probability});
    return {{"tokens", reading.nTokens}, {"others", std::move(others)}};
}

Json columnJson(const ReportColumn& column) {
    const ComparedColumn& result = column.result;
    Json json = {{"name", column.name},
                 {"quantization", column.quantization},
                 {"path", column.path},
                 {"fileBytes", column.fileBytes},
                 {"memoryBytes", column.memoryBytes},
                 {"isOnCard", column.isOnCard},
                 {"bitsPerWeight", column.bitsPerWeight},
                 {"state", stateName(result.state)},
                 {"answer", answerJson(result.answer)},
                 {"figures", figuresJson(result)}};
    if (result.info)
        json["vocabulary"] = {{"tokenizer", result.info->tokenizer},
                              {"pieces", result.info->nVocab}};
    if (column.loss) json["loss"] = lossJson(*column.loss);
    if (column.forced) json["forced"] = forcedJson(*column.forced);
    if (result.error)
        json["problem"] = {{"code", errorCodeName(result.error->code)},
                           {"message", result.error->message},
                           {"context", result.error->context},
                           {"needed", result.error->needed},
                           {"available", result.error->available}};
    return json;
}

const Json& partOf(const Json& object, const char* name) {
    static const Json kNone;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() ? *found : kNone;
}

// A span of the text; of another one nothing.
TextSpan spanOf(const Json& list, std::size_t at, std::size_t nBytes) {
    const auto bound = [&](std::size_t index) {
        return list[index].is_number_unsigned() ? list[index].get<std::size_t>() : nBytes + 1;
    };
    const TextSpan span{bound(at), bound(at + 1)};
    return span.begin <= span.end && span.end <= nBytes ? span : TextSpan{};
}

WrittenAnswer readAnswer(const Json& json) {
    WrittenAnswer answer;
    answer.text = textField(json, "text");
    answer.isOver = true;
    answer.isEnded = flagField(json, "isEnded");
    const Json& tokens = partOf(json, "tokens");
    if (tokens.is_array() && tokens.size() <= kMostTokens)
        for (const Json& row : tokens) {
            if (!row.is_array() || row.size() < 5 || !row[0].is_number() || !row[1].is_number() ||
                !row[2].is_string())
                continue;
            WrittenToken token;
            token.id = row[0].get<std::int32_t>();
            token.probability = row[1].get<float>();
            token.piece = row[2].get<std::string>();
            token.text = spanOf(row, 3, answer.text.size());
            answer.tokens.push_back(std::move(token));
        }
    const Json& thinking = partOf(json, "thinking");
    if (thinking.is_array())
        for (const Json& span : thinking)
            if (span.is_array() && span.size() == 2)
                answer.thinking.push_back(spanOf(span, 0, answer.text.size()));
    return answer;
}

void readFigures(const Json& json, ComparedColumn& result) {
    RequestStats& stats = result.stats;
    stats.promptTokens = static_cast<std::int64_t>(wholeField(json, "promptTokens"));
    stats.generatedTokens = static_cast<std::int64_t>(wholeField(json, "generatedTokens"));
    stats.ttftMs = numberField(json, "ttftMs");
    stats.tpotMeanMs = numberField(json, "tpotMeanMs");
    stats.tokensPerSecond = numberField(json, "tokensPerSecond");
    stats.bytesPerStep = numberField(json, "bytesPerStep");
    stats.mbu = numberField(json, "mbu");
    result.readBandwidthGbS = numberField(json, "readBandwidthGbS");
    result.joulesPerToken = numberField(json, "joulesPerToken");
}

std::optional<ForcedReading> readForced(const Json& json) {
    const Json& others = partOf(json, "others");
    if (!others.is_array() || others.size() > kMostTokens) return std::nullopt;
    ForcedReading reading;
    reading.nTokens = static_cast<std::int64_t>(wholeField(json, "tokens"));
    for (const Json& row : others)
        if (row.is_array() && row.size() == 4 && row[0].is_number_unsigned() &&
            row[1].is_number() && row[2].is_string() && row[3].is_number())
            reading.others.push_back({row[0].get<std::size_t>(), row[1].get<float>(),
                                      row[2].get<std::string>(), row[3].get<float>()});
    return reading;
}

ReportColumn readColumn(const Json& json) {
    ReportColumn column;
    column.name = textField(json, "name");
    column.quantization = textField(json, "quantization");
    column.path = textField(json, "path");
    column.fileBytes = wholeField(json, "fileBytes");
    column.memoryBytes = wholeField(json, "memoryBytes");
    column.isOnCard = flagField(json, "isOnCard");
    column.bitsPerWeight = numberField(json, "bitsPerWeight");
    ComparedColumn& result = column.result;
    result.load.path = column.path;
    result.state = stateOfName(textField(json, "state"));
    result.answer = readAnswer(partOf(json, "answer"));
    readFigures(partOf(json, "figures"), result);
    if (const Json& vocabulary = partOf(json, "vocabulary"); vocabulary.is_object()) {
        result.info.emplace();
        result.info->tokenizer = textField(vocabulary, "tokenizer");
        result.info->nVocab = static_cast<std::int64_t>(wholeField(vocabulary, "pieces"));
    }
    column.loss = readLoss(partOf(json, "loss"));
    column.forced = readForced(partOf(json, "forced"));
    if (const Json& problem = partOf(json, "problem"); problem.is_object())
        result.error = Error{errorCodeOfName(textField(problem, "code")),
                             textField(problem, "message"), textField(problem, "context"),
                             wholeField(problem, "needed"), wholeField(problem, "available")};
    return column;
}

// Two-sided quotes of what a token says, on one line.
std::string quoted(std::string text) {
    const auto first = text.find_first_not_of(" \n");
    if (first != std::string::npos) text.erase(0, first);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return "\"" + text + "\"";
}

std::string differenceLine(const ReportColumn& reference, const ReportColumn& column) {
    if (column.result.answer.tokens.empty()) return "No answer.";
    const AnswerDifference difference = differenceOf(reference.result, column.result);
    if (!difference.isThere) return "The same as the reference.";
    const char* unit = difference.isByText ? "word" : "token";
    const auto side = [](const std::string& text, float probability) {
        if (text.empty()) return std::string("the end");
        return probability > 0 ? fmt::format("{} {:.2f}", quoted(text), probability) : quoted(text);
    };
    return fmt::format("From {} {}: {}, reference {}.", unit, difference.index + 1,
                       side(difference.text, difference.probability),
                       side(difference.referenceText, difference.referenceProbability));
}

std::string forcedLine(const ReportColumn& reference, const ReportColumn& column) {
    const ForcedReading& reading = *column.forced;
    std::string text = fmt::format(
        "Given the reference's answer to read, it would have gone another way at {} of "
        "{} tokens",
        reading.others.size(), reading.nTokens);
    const WrittenAnswer& answer = reference.result.answer;
    const char* separator = ": ";
    for (const OtherChoice& other : reading.others) {
        const TextSpan span = shownSpan(answer, other.index);
        text += fmt::format("{}{} {:.2f} for {} {:.2f}", separator, quoted(other.text),
                            other.probability,
                            quoted(answer.text.substr(span.begin, span.end - span.begin)),
                            other.referenceProbability);
        separator = ", ";
    }
    return text + ".\n\n";
}

// A fence that is longer than any in the text.
std::string fenced(const std::string& text) {
    std::size_t longest = 2, run = 0;
    for (const char byte : text) {
        run = byte == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    return fence + "\n" + text + "\n" + fence + "\n";
}

std::string tableRow(const ReportColumn& column) {
    const ComparedColumn& result = column.result;
    const auto known = [](double value, const char* form) {
        return value > 0 ? fmt::format(fmt::runtime(form), value) : std::string("–");
    };
    return fmt::format(
        "| {} {} | {} | {} | {} | {} | {} | {} |\n", column.name, column.quantization,
        known(static_cast<double>(column.fileBytes) / 1e9, "{:.2f} GB"),
        known(result.stats.tokensPerSecond, "{:.1f}"), known(speedLimit(result), "{:.0f}"),
        known(result.stats.mbu * 100, "{:.0f} %"), known(result.stats.ttftMs, "{:.0f} ms"),
        known(static_cast<double>(column.memoryBytes) / (1 << 30), "{:.2f} GiB"));
}

std::string lossTable(const ComparisonReport& report) {
    std::string text = "\n## What is lost\n\n" + lossTextMarkdown(*report.text) + kLossHead;
    for (const ReportColumn& column : report.columns)
        if (column.loss)
            text += lossMarkdown(column.name + " " + column.quantization, *column.loss);
    return text;
}

}  // namespace

void takeModel(ReportColumn& column, const ModelInfo& info) {
    column.memoryBytes = info.memory.total();
    column.isOnCard = info.nGpuLayers > 0 && info.nGpuLayers == info.nLayers;
    column.bitsPerWeight = info.bitsPerWeight;
    if (column.fileBytes == 0) column.fileBytes = info.fileBytes;
    if (column.quantization.empty()) column.quantization = info.quantization;
}

std::string reportJson(const ComparisonReport& report) {
    Json columns = Json::array();
    for (const ReportColumn& column : report.columns) columns.push_back(columnJson(column));
    Json json = {{"format", kReportFormat},      {"prompt", report.prompt},
                 {"isGreedy", report.isGreedy},  {"temperature", report.temperature},
                 {"seed", report.seed},          {"maxTokens", report.maxTokens},
                 {"columns", std::move(columns)}};
    if (report.text) json["text"] = lossTextJson(*report.text);
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ComparisonReport> readReport(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    const Json& columns = partOf(json, "columns");
    if (!columns.is_array() || columns.size() < 2 || columns.size() > kMostCompared ||
        numberField(json, "format") != kReportFormat)
        return fail(ErrorCode::FileDamaged,
                    "This comparison cannot be read: it is damaged, or of a later version.");
    ComparisonReport report;
    report.prompt = textField(json, "prompt");
    report.isGreedy = flagField(json, "isGreedy");
    report.temperature = numberField(json, "temperature");
    report.seed = wholeField(json, "seed");
    report.maxTokens = static_cast<std::int64_t>(wholeField(json, "maxTokens"));
    for (const Json& column : columns) report.columns.push_back(readColumn(column));
    report.text = readLossText(partOf(json, "text"));
    return report;
}

std::string reportMarkdown(const ComparisonReport& report) {
    const std::string sampling = report.isGreedy ? std::string("greedy")
                                                 : fmt::format("temperature {:.2f}, seed {}",
                                                               report.temperature, report.seed);
    std::string text = "# Comparison\n\n" + fenced(report.prompt) + "\n" +
                       fmt::format("{}, at most {} tokens each.\n\n", sampling, report.maxTokens);
    text += "| Model | File | tok/s | limit | MBU | TTFT | Memory |\n";
    text += "|---|---:|---:|---:|---:|---:|---:|\n";
    for (const ReportColumn& column : report.columns) text += tableRow(column);
    if (report.text) text += lossTable(report);
    for (const ReportColumn& column : report.columns) {
        const bool isReference = &column == &report.columns.front();
        text += fmt::format("\n## {} {}\n\n", column.name, column.quantization);
        text += (isReference ? std::string("The reference.")
                             : differenceLine(report.columns.front(), column)) +
                "\n\n";
        if (column.forced) text += forcedLine(report.columns.front(), column);
        if (column.result.error) text += column.result.error->message + "\n\n";
        text += fenced(column.result.answer.text);
    }
    return text;
}

}  // namespace sotto::app
