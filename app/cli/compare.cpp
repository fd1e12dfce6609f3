#include <fmt/format.h>

#include <algorithm>

#include "app/cli/compare_report.h"
#include "app/cli/engine_session.h"
#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/cli/progress_bar.h"
#include "app/core/paths.h"
#include "app/core/resource_paths.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

// Enough for a prompt and its answer; the same for all models, so that their memory compares.
constexpr std::int64_t kPromptContext = 4096;
constexpr std::int64_t kChunkTokens = 512;

Result<std::vector<std::string>> readPrompts(const std::string& path) {
    if (path.empty())
        return std::vector<std::string>{
            "Tell me in a few sentences how bread is made.",
            "\xe8\xaf\xb7\xe7\x94\xa8\xe5\x87\xa0\xe5\x8f\xa5\xe8\xaf\x9d"
            "\xe8\xaf\xb4\xe8\xaf\xb4\xe9\x9d\xa2\xe5\x8c\x85\xe6\x98\xaf"
            "\xe6\x80\x8e\xe4\xb9\x88\xe5\x81\x9a\xe7\x9a\x84\xe3\x80\x82"};
    SOTTO_ASSIGN(const std::string text, readFile(path));
    std::vector<std::string> prompts;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.pop_back();
        if (line.find_first_not_of(" \t") != std::string::npos) prompts.push_back(std::move(line));
        begin = end + 1;
    }
    if (prompts.empty())
        return fail(ErrorCode::InvalidArgument, "There is no prompt in the file.", path);
    return prompts;
}

LoadOptions loadOf(const CommonOptions& common, const std::string& model) {
    LoadOptions options = common.load();
    options.path = model;
    return options;
}

// Everything that is wrong with the files is said before an hour's work.
Result<ComparisonReport> inspectAll(const CommonOptions& common,
                                    const CompareCommandOptions& options, const std::string& text) {
    ComparisonReport report;
    report.textName = evaluationTextName(options.textFile);
    report.chunkTokens = common.contextTokens > 0 ? common.contextTokens : kChunkTokens;
    for (const std::string& path : options.models) {
        LoadOptions load = loadOf(common, path);
        load.contextTokens = report.chunkTokens;
        ComparedModel model;
        SOTTO_ASSIGN(model.info, inspectModel(load));
        if (!report.models.empty()) {
            SOTTO_ASSIGN(model.hasReferenceTokens,
                         haveSameTokens(loadOf(common, options.models.front()), load, text));
            if (!model.hasReferenceTokens)
                printWarning(
                    fmt::format("'{}' has another vocabulary than the reference: "
                                "compared by its answers' text only",
                                path));
        }
        report.models.push_back(std::move(model));
    }
    return report;
}

Status readText(const CommonOptions& common, const CompareCommandOptions& options,
                const std::string& text, ComparisonReport& report) {
    std::vector<LoadOptions> loads;
    std::vector<std::size_t> indices;
    for (std::size_t index = 0; index < report.models.size(); ++index) {
        if (!report.models[index].hasReferenceTokens) continue;
        loads.push_back(loadOf(common, options.models[index]));
        indices.push_back(index);
    }
    if (loads.size() < 2) return {};
    TextComparisonOptions settings;
    settings.contextTokens = report.chunkTokens;
    settings.maxChunks = options.maxChunks;
    ProgressBar bar("reading", "tokens");
    SOTTO_ASSIGN(const auto rows, compareOnText(common.engine(), loads, text, settings,
                                                [&](const TextComparisonProgress& progress) {
                                                    bar.update(progress.doneTokens,
                                                               progress.totalTokens);
                                                    return !isInterrupted();
                                                }));
    for (std::size_t row = 0; row < rows.size(); ++row)
        report.models[indices[row]].text = rows[row];
    return {};
}

app::WrittenAnswer writtenAnswer(const Answer& answer) {
    app::WrittenAnswer written;
    written.text = answer.thinking + answer.text;
    for (const TokenSampled& sampled : answer.sampled) {
        app::WrittenToken& token = written.tokens.emplace_back();
        token.id = sampled.token;
        token.probability = sampled.probability;
        for (const TokenAlternative& alternative : sampled.alternatives)
            if (alternative.token == sampled.token) token.piece = alternative.text;
    }
    written.isOver = true;
    written.isEnded = answer.reason == StopReason::EndOfText;
    return written;
}

Result<PromptAnswers> answerPrompts(const CommonOptions& common, const std::string& path,
                                    const ModelInfo& info, const std::vector<std::string>& prompts,
                                    std::int64_t maxTokens) {
    LoadOptions load = loadOf(common, path);
    load.contextTokens = std::min(kPromptContext, info.trainedContext);
    EngineOptions engine = common.engine();
    engine.isMeasuringBandwidth = false;  // no MBU is told
    SOTTO_ASSIGN(const auto session, EngineSession::open(engine, load));
    PromptAnswers result;
    result.memoryBytes = session->model().memory.total();
    double seconds = 0, nTokens = 0;
    for (const std::string& prompt : prompts) {
        GenerationRequest request;
        request.prompt = ChatPrompt{{{Role::User, prompt, {}}}, false, std::nullopt};
        request.sampling.temperature = 0;
        request.sampling.nAlternatives = 1;
        request.maxTokens = maxTokens;
        SOTTO_ASSIGN(const Answer answer,
                     session->answer(std::move(request), [](const AnswerText&) {}));
        if (answer.reason == StopReason::Cancelled) return fail(ErrorCode::Cancelled, "Cancelled.");
        if (answer.stats.tokensPerSecond > 0) {
            const double nTimed = double(answer.stats.generatedTokens - 1);
            seconds += nTimed / answer.stats.tokensPerSecond;
            nTokens += nTimed;
        }
        result.answers.push_back(writtenAnswer(answer));
    }
    if (seconds > 0) result.tokensPerSecond = nTokens / seconds;
    return result;
}

Result<std::vector<Question>> readQuestions(const std::string& path) {
    if (path.empty()) return std::vector<Question>();
    std::string file = path;
    if (path == "builtin") {
        file = app::findQuestions(app::processEnvironment(), app::programFolder()).string();
        if (file.empty())
            return fail(ErrorCode::FileNotFound,
                        "The built-in questions are not beside this program: name a file.",
                        app::kQuestionsFile);
    }
    SOTTO_ASSIGN(const std::string lines, readFile(file));
    return parseQuestions(lines, file);
}

Status askQuestions(const CommonOptions& common, const std::string& path,
                    const std::vector<Question>& questions, ComparedModel& model) {
    if (questions.empty()) return {};
    ProgressBar bar("questions", "questions");
    SOTTO_ASSIGN(model.questions, answerQuestions(common.engine(), loadOf(common, path), questions,
                                                  {}, progressSink(bar)));
    return {};
}

Result<ComparisonReport> compareModels(const CommonOptions& common,
                                       const CompareCommandOptions& options) {
    SOTTO_ASSIGN(const std::vector<std::string> prompts, readPrompts(options.promptsFile));
    SOTTO_ASSIGN(const std::vector<Question> questions, readQuestions(options.questionsFile));
    SOTTO_ASSIGN(const std::string text, readEvaluationText(options.textFile));
    SOTTO_ASSIGN(ComparisonReport report, inspectAll(common, options, text));
    SOTTO_TRY(readText(common, options, text, report));
    for (std::size_t index = 0; index < report.models.size(); ++index) {
        ComparedModel& model = report.models[index];
        SOTTO_ASSIGN(model.prompts, answerPrompts(common, options.models[index], model.info,
                                                  prompts, options.maxTokens));
        SOTTO_TRY(askQuestions(common, options.models[index], questions, model));
    }
    return report;
}

}  // namespace

int runCompare(const CommonOptions& common, const CompareCommandOptions& options) {
    const auto report = compareModels(common, options);
    if (!report) return printError(report.error(), common.isJson);
    if (common.isJson)
        printJson(comparisonJson(*report));
    else
        print(comparisonText(*report));
    return finishOutput();
}

}  // namespace sotto::cli
