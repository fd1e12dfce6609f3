#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/api/chat_template.h"
#include "engine/api/inspect.h"
#include "engine/api/tokenizer.h"

namespace sotto::cli {

namespace {

struct Source {
    std::unique_ptr<ChatTemplate> chat;
    std::optional<ModelInfo> model;
    Json variables = Json::object();       // what the model itself provides
    std::unique_ptr<Tokenizer> tokenizer;  // null: of a template file
};

struct Prompt {
    std::string text;
    std::optional<std::vector<std::int32_t>> ids;  // where there is a model
};

// A template file as it is; or a model's template with the names of its special tokens.
Result<Source> loadSource(const CommonOptions& common) {
    Source source;
    if (common.model.ends_with(".jinja") || common.model.ends_with(".j2")) {
        SOTTO_ASSIGN(const std::string text, readFile(common.model));
        SOTTO_ASSIGN(source.chat, compileChatTemplate(text));
        return source;
    }
    SOTTO_ASSIGN(source.model, inspectModel(common.load()));
    SOTTO_ASSIGN(source.tokenizer, loadTokenizer(common.model));
    const Tokenizer& tokenizer = *source.tokenizer;
    const auto nameOf = [&tokenizer](std::int32_t token) {
        return token < 0 ? std::string() : tokenizer.pieceBytes(token, true);
    };
    const TemplateTokens tokens{nameOf(tokenizer.bosToken()), nameOf(tokenizer.eosToken())};
    source.variables["bos_token"] = tokens.bos;
    source.variables["eos_token"] = tokens.eos;
    source.chat = chooseTemplate(source.model->chatTemplate, tokens).chat;
    return source;
}

// --var. Errors: InvalidArgument, which is wrong usage.
Status addNamed(const RenderOptions& options, Json& variables) {
    for (const std::string& variable : options.variables) {
        const std::size_t equals = variable.find('=');
        Json value = equals == std::string::npos
                         ? Json(Json::value_t::discarded)
                         : Json::parse(variable.substr(equals + 1), nullptr, false);
        if (equals == 0 || value.is_discarded()) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("--var takes NAME=JSON, as 'x=\"text\"' or 'x=1', not '{}'", variable));
        }
        variables[variable.substr(0, equals)] = std::move(value);
    }
    return {};
}

Status addVariables(const RenderOptions& options, Json& variables) {
    SOTTO_ASSIGN(variables["messages"], readJsonFile(options.messagesFile));
    if (!variables["messages"].is_array()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' must hold a JSON array of messages.", options.messagesFile));
    }
    variables["add_generation_prompt"] = !options.isWithoutGenerationPrompt;
    if (!options.toolsFile.empty()) {
        SOTTO_ASSIGN(variables["tools"], readJsonFile(options.toolsFile));
    }
    return addNamed(options, variables);
}

// "2025-07-10" or "2025-07-10T12:00:00", UTC.
Result<std::int64_t> secondsOf(const std::string& date) {
    using namespace std::chrono;
    if (date.empty()) {
        return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    }
    int yearNumber = 0, monthNumber = 0, dayNumber = 0, hour = 0, minute = 0, second = 0, nRead = 0;
    const auto isWhole = [&] { return nRead == static_cast<int>(date.size()); };
    bool isValid = std::sscanf(date.c_str(), "%4d-%2d-%2d%n", &yearNumber, &monthNumber, &dayNumber,
                               &nRead) == 3;
    if (isValid && !isWhole()) {
        isValid = std::sscanf(date.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &yearNumber,
                              &monthNumber, &dayNumber, &hour, &minute, &second, &nRead) == 6;
    }
    const year_month_day day{year(yearNumber), month(static_cast<unsigned>(monthNumber)),
                             std::chrono::day(static_cast<unsigned>(dayNumber))};
    if (!isValid || !isWhole() || !day.ok() || hour > 23 || minute > 59 || second > 60) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("--now takes a date, as 2025-07-10 or 2025-07-10T12:00:00, not "
                                "'{}'",
                                date));
    }
    return duration_cast<seconds>(sys_days(day).time_since_epoch()).count() + hour * 3600 +
           minute * 60 + second;
}

Result<Prompt> render(const CommonOptions& common, const RenderOptions& options, std::int64_t now) {
    SOTTO_ASSIGN(Source source, loadSource(common));
    SOTTO_TRY(addVariables(options, source.variables));
    const std::string variables =
        source.variables.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (source.model) warnOfTemplate(*source.model, hasSystemMessage(variables));
    SOTTO_ASSIGN(RenderedText rendered, source.chat->render(variables, now));
    Prompt prompt{std::move(rendered.text), {}};
    if (source.tokenizer != nullptr) {
        SOTTO_ASSIGN(prompt.ids,
                     encodePrompt(*source.tokenizer, prompt.text, rendered.callerSpans));
    }
    return prompt;
}

}  // namespace

int runRender(const CommonOptions& common, const RenderOptions& options) {
    const auto now = secondsOf(options.now);
    if (!now) return printUsageError(now.error().message, common.isJson);
    Json ignored;
    if (const Status named = addNamed(options, ignored); !named)
        return printUsageError(named.error().message, common.isJson);
    const auto prompt = render(common, options, *now);
    if (!prompt) return printError(prompt.error(), common.isJson);
    if (common.isJson) {
        Json object{{"prompt", prompt->text}};
        if (prompt->ids) object["ids"] = *prompt->ids;
        printJson(object);
    } else {
        print(prompt->text);  // exact: no newline of ours
    }
    return finishOutput();
}

}  // namespace sotto::cli
