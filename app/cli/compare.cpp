#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/cli/compare_report.h"
#include "app/cli/compare_state.h"
#include "app/cli/compare_table.h"
#include "app/cli/engine_session.h"
#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/cli/progress_bar.h"
#include "app/core/paths.h"
#include "app/core/resource_paths.h"
#include "base/text_file.h"
#include "engine/api/benchmark.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

// Enough for a prompt and its answer; the same for all models, so that their memory compares.
constexpr std::int64_t kPromptContext = 4096;
constexpr std::int64_t kLeastPromptContext = 512;  // beside the answer, where memory is short
constexpr std::int64_t kChunkTokens = 512;
// Written for a speed of a table.
constexpr std::int64_t kSpeedTokens = 32;
// Behind the table's name while there is work left.
constexpr const char* kPartSuffix = ".compare-part";

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

app::WrittenAnswer writtenAnswer(const Answer& answer) {
    app::WrittenAnswer written;
    written.text = answer.thinking + answer.text;
    for (const TokenSampled& sampled : answer.sampled)
        written.tokens.push_back(app::writtenToken(sampled));
    written.isOver = true;
    written.isEnded = answer.reason == StopReason::EndOfText;
    return written;
}

Result<PromptAnswers> answerPrompts(const CommonOptions& common, const std::string& path,
                                    const ModelInfo& info, const std::vector<std::string>& prompts,
                                    std::int64_t maxTokens) {
    LoadOptions load = loadOf(common, path);
    load.contextTokens =
        std::min(std::max(kPromptContext, maxTokens + kLeastPromptContext), info.trainedContext);
    EngineOptions engine = common.engine();
    engine.isMeasuringBandwidth = false;  // no MBU is told
    auto opened = EngineSession::open(engine, load);
    if (!opened && opened.error().code == ErrorCode::OutOfMemory) {
        load.contextTokens = std::min(maxTokens + kLeastPromptContext, info.trainedContext);
        opened = EngineSession::open(engine, load);
    }
    if (!opened) return fail(std::move(opened.error()));
    const auto session = std::move(*opened);
    PromptAnswers result;
    result.memoryBytes = session->model().memory.total();
    double seconds = 0, nTokens = 0;
    for (const std::string& prompt : prompts) {
        GenerationRequest request;
        request.prompt = ChatPrompt{.messages = {{Role::User, prompt, {}}}};
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

// Tokens per second; 0 where the model's context does not hold the test.
Result<double> measuredSpeed(BenchmarkOptions benchmark) {
    benchmark.engine.isMeasuringBandwidth = false;
    benchmark.bandwidth = BandwidthMeasurement{};  // no share of it is told
    ProgressBar bar("speed", "tokens");
    const auto report = runBenchmark(benchmark, progressSink(bar));
    if (report) return report->rows.front().tokensPerSecond.median;
    // Not known at this length; what else there is to tell is told.
    const ErrorCode code = report.error().code;
    if (code == ErrorCode::ContextFull || code == ErrorCode::OutOfMemory) return 0.0;
    return fail(report.error());
}

Result<DepthSpeed> speedAt(const CommonOptions& common, const LoadOptions& load,
                           const ModelInfo& info, std::int64_t depth) {
    DepthSpeed speed;
    speed.depth = depth;
    BenchmarkOptions benchmark;
    benchmark.engine = common.engine();
    benchmark.model = load;
    benchmark.model.contextTokens = 0;
    benchmark.promptTokens = depth;
    benchmark.generatedTokens = 0;
    benchmark.repeats = 1;
    SOTTO_ASSIGN(speed.promptTokensPerSecond, measuredSpeed(benchmark));
    benchmark.promptTokens = 0;
    benchmark.generatedTokens = kSpeedTokens;
    benchmark.depth = depth;
    benchmark.repeats = 3;
    SOTTO_ASSIGN(speed.tokensPerSecond, measuredSpeed(benchmark));
    if (speed.tokensPerSecond == 0 || depth + kSpeedTokens > info.trainedContext) return speed;
    // The dry run's, which a load takes to the byte.
    LoadOptions deep = load;
    deep.contextTokens = depth + kSpeedTokens;
    SOTTO_ASSIGN(const ModelInfo planned, inspectModel(deep));
    speed.memoryBytes = planned.memory.total();
    return speed;
}

// What all models are asked.
struct ComparisonInputs {
    std::vector<std::string> prompts;
    std::vector<Question> questions;
    std::string text;
};

Result<ComparisonInputs> readInputs(const CompareCommandOptions& options) {
    ComparisonInputs inputs;
    SOTTO_ASSIGN(inputs.prompts, readPrompts(options.promptsFile));
    SOTTO_ASSIGN(inputs.questions, readQuestions(options.questionsFile));
    SOTTO_ASSIGN(inputs.text, readEvaluationText(options.textFile));
    return inputs;
}

// Piece by piece, each kept once it is done where a table is made.
class ComparisonRun {
public:
    ComparisonRun(const CommonOptions& common, const CompareCommandOptions& options,
                  const ComparisonInputs& inputs, ComparisonReport& report, ComparisonState& state)
        : m_common(common),
          m_options(options),
          m_inputs(inputs),
          m_report(report),
          m_state(state) {}

    Status run() {
        SOTTO_TRY(readText());
        for (std::size_t index = 0; index < m_report.models.size(); ++index) {
            SOTTO_TRY(answer(index));
            SOTTO_TRY(askQuestions(index));
            if (!m_options.tableFile.empty()) SOTTO_TRY(measureSpeeds(index));
        }
        return {};
    }

private:
    ComparedModel& model(std::size_t index) { return m_report.models[index]; }
    LoadOptions load(std::size_t index) const { return loadOf(m_common, m_options.models[index]); }

    // All together; where pieces are kept pair by pair, so that a stop loses one of them at most.
    Status readText() {
        std::vector<std::size_t> readable;
        for (std::size_t index = 1; index < m_report.models.size(); ++index)
            if (model(index).hasReferenceTokens) readable.push_back(index);
        if (!m_state.isKeeping()) return readable.empty() ? Status() : readTogether(readable);
        for (const std::size_t index : readable) SOTTO_TRY(readTogether({index}));
        return {};
    }

    Status readTogether(const std::vector<std::size_t>& others) {
        std::vector<std::size_t> indices{0};
        indices.insert(indices.end(), others.begin(), others.end());
        std::vector<LoadOptions> loads;
        for (const std::size_t index : indices) loads.push_back(load(index));
        const std::string key = pieceOf(
            "text", indices,
            fmt::format("{} {} {}", m_report.chunkTokens, m_options.maxChunks, m_inputs.text));
        if (const auto kept = m_state.find(key); kept && takeRows(*kept, indices)) return {};
        TextComparisonOptions settings;
        settings.contextTokens = m_report.chunkTokens;
        settings.maxChunks = m_options.maxChunks;
        ProgressBar bar("reading", "tokens");
        SOTTO_ASSIGN(const auto rows,
                     compareOnText(m_common.engine(), loads, m_inputs.text, settings,
                                   [&](const TextComparisonProgress& progress) {
                                       bar.update(progress.doneTokens, progress.totalTokens);
                                       return !isInterrupted();
                                   }));
        Json kept = Json::array();
        for (std::size_t row = 0; row < rows.size(); ++row) {
            model(indices[row]).text = rows[row];
            kept.push_back(keptRow(rows[row]));
        }
        return m_state.keep(key, std::move(kept));
    }

    bool takeRows(const Json& kept, const std::vector<std::size_t>& indices) {
        std::vector<TextComparisonRow> rows;
        for (const Json& one : kept) {
            const auto row = rowOf(one);
            if (!row) return false;
            rows.push_back(*row);
        }
        if (rows.size() != indices.size()) return false;
        for (std::size_t row = 0; row < rows.size(); ++row) model(indices[row]).text = rows[row];
        return true;
    }

    Status answer(std::size_t index) {
        std::string settings = fmt::format("{}", m_options.maxTokens);
        for (const std::string& prompt : m_inputs.prompts) settings += "|" + prompt;
        const std::string key = pieceOf("prompts", {index}, settings);
        if (const auto kept = m_state.find(key))
            if (auto answers = answersOf(*kept);
                answers && answers->answers.size() == m_inputs.prompts.size()) {
                model(index).prompts = std::move(*answers);
                return {};
            }
        SOTTO_ASSIGN(model(index).prompts,
                     answerPrompts(m_common, m_options.models[index], model(index).info,
                                   m_inputs.prompts, m_options.maxTokens));
        return m_state.keep(key, keptAnswers(model(index).prompts));
    }

    Status askQuestions(std::size_t index) {
        if (m_inputs.questions.empty()) return {};
        std::string settings;
        for (const Question& question : m_inputs.questions) {
            settings += fmt::format("|{}|{}|{}", question.text, question.answer, question.number);
            for (const std::string& choice : question.choices) settings += "|" + choice;
        }
        const std::string key = pieceOf("questions", {index}, settings);
        if (const auto kept = m_state.find(key)) {
            model(index).questions = scoresOf(*kept, m_inputs.questions.size());
            if (model(index).questions) return {};
        }
        ProgressBar bar("questions", "questions");
        SOTTO_ASSIGN(model(index).questions,
                     answerQuestions(m_common.engine(), load(index), m_inputs.questions, {},
                                     progressSink(bar)));
        return m_state.keep(key, keptScores(*model(index).questions));
    }

    Status measureSpeeds(std::size_t index) {
        const std::string key =
            pieceOf("speeds", {index},
                    fmt::format("{} {}", fmt::join(m_options.depths, ","), kSpeedTokens));
        if (const auto kept = m_state.find(key))
            if (auto speeds = speedsOf(*kept)) {
                model(index).speeds = std::move(*speeds);
                return {};
            }
        for (const std::int64_t depth : m_options.depths) {
            SOTTO_ASSIGN(const DepthSpeed speed,
                         speedAt(m_common, load(index), model(index).info, depth));
            model(index).speeds.push_back(speed);
        }
        return m_state.keep(key, keptSpeeds(model(index).speeds));
    }

    // The program, the device and the type of keys and values change every figure.
    std::string pieceOf(std::string_view kind, const std::vector<std::size_t>& indices,
                        const std::string& settings) const {
        std::vector<std::filesystem::path> paths;
        for (const std::size_t index : indices) paths.emplace_back(m_options.models[index]);
        return pieceKey(
            kind, paths,
            fmt::format("{} {} {} {} {} {} {}", SOTTO_VERSION, m_common.device, m_common.nThreads,
                        m_common.kvType, m_common.gpuLayers, m_common.kernels, settings));
    }

    const CommonOptions& m_common;
    const CompareCommandOptions& m_options;
    const ComparisonInputs& m_inputs;
    ComparisonReport& m_report;
    ComparisonState& m_state;
};

// What the table must not replace.
AtomicFileOptions inputFilesOf(const CompareCommandOptions& options) {
    AtomicFileOptions result;
    for (const std::string& path : options.models) {
        const auto files = modelFiles(path);
        result.inputs.insert(result.inputs.end(), files.begin(), files.end());
    }
    for (const std::string& path : {options.textFile, options.promptsFile, options.questionsFile})
        if (!path.empty()) result.inputs.emplace_back(path);
    return result;
}

Result<ComparisonReport> compareModels(const CommonOptions& common,
                                       const CompareCommandOptions& options) {
    SOTTO_ASSIGN(const ComparisonInputs inputs, readInputs(options));
    ComparisonState state;
    const AtomicFileOptions files = inputFilesOf(options);
    if (!options.tableFile.empty()) {
        SOTTO_TRY(AtomicFile::check(options.tableFile, files));
        SOTTO_ASSIGN(state, ComparisonState::open(options.tableFile + kPartSuffix));
    }
    SOTTO_ASSIGN(ComparisonReport report, inspectAll(common, options, inputs.text));
    SOTTO_TRY(ComparisonRun(common, options, inputs, report, state).run());
    if (options.tableFile.empty()) return report;
    SOTTO_TRY(writeTextFile(options.tableFile, comparisonTable(report, options.tableFile), files));
    state.remove();
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
