// The one place that knows CLI11: flags, their help and their checks.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/core/paths.h"
#include "app/core/product_memory_file.h"
#include "engine/api/load_spec.h"
#include "engine/api/quantize.h"

namespace sotto::cli {
namespace {

// The whole of `text` as a number.
template <typename Number>
std::optional<Number> numberOf(std::string_view text) {
    Number number{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return isWhole ? std::optional(number) : std::nullopt;
}

}  // namespace

EngineOptions CommonOptions::engine() const {
    EngineOptions options;
    options.device = device;
    options.nThreads = nThreads;
    options.kernels = kernels == "reference" ? KernelChoice::Reference : KernelChoice::Fast;
    options.isAskingAhead = isAskingAhead;
    options.products = kernels == "own"      ? ProductPath::Own
                       : kernels == "cublas" ? ProductPath::Library
                                             : ProductPath::Measured;
    options.productMemory = productMemory.get();
    return options;
}

LoadOptions CommonOptions::load() const {
    LoadOptions options;
    options.path = model;
    options.contextTokens = contextTokens;
    options.kv = kvTypesFromText(kvType).value_or(KvTypes());
    if (gpuLayers == "all")
        options.gpuLayers = kGpuLayersAll;
    else if (gpuLayers != "auto")
        options.gpuLayers = numberOf<std::int32_t>(gpuLayers).value_or(kGpuLayersAuto);
    return options;
}

namespace {

constexpr std::int64_t kMaxTokens = std::int64_t{1} << 31;

bool isDigits(std::string_view text) {
    return !text.empty() && text.size() <= 4 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether there is such a device is known when the work begins.
std::string checkDevice(const std::string& name) {
    const bool isKnown = name == "auto" || name == "cpu" || name == "cuda" ||
                         (name.starts_with("cuda:") && isDigits(name.substr(5)));
    return isKnown ? std::string() : "takes auto, cpu or cuda[:N], not '" + name + "'";
}

std::string checkGpuLayers(const std::string& text) {
    constexpr std::int32_t kMost = 100'000;
    const std::optional<std::int32_t> number = numberOf<std::int32_t>(text);
    const bool isKnown =
        text == "auto" || text == "all" || (number && *number >= 0 && *number <= kMost);
    return isKnown ? std::string() : "takes auto, all or a number of layers, not '" + text + "'";
}

std::string checkKv(const std::string& text) {
    if (kvTypesFromText(text)) return {};
    std::string names;
    for (const KvType type : allKvTypes()) names.append(" ").append(kvTypeTraits(type).name);
    return "takes K[,V] of" + names + ", not '" + text + "'";
}

// "reference" is for comparisons with golden logits and told to nobody.
std::string checkKernels(const std::string& name) {
    const bool isKnown = name == "auto" || name == "own" || name == "cublas" || name == "reference";
    return isKnown ? std::string() : "takes auto, own or cublas, not '" + name + "'";
}

// What is neither a word for it nor looks like a path is a slip of the pen.
std::string checkDraft(const std::string& text) {
    std::error_code error;
    const bool isPath =
        text.find_first_of("./\\") != std::string::npos || std::filesystem::exists(text, error);
    if (text == "ngram" || text == "off" || isPath) return {};
    return "takes ngram, off or the file of a draft model, not '" + text + "'";
}

// A negative one is drawn here, so that all that runs knows it.
void setSeed(const std::string& text, CommonOptions& common) {
    common.seed = numberOf<std::uint64_t>(text);
    if (common.seed) return;
    if (!numberOf<std::int64_t>(text))
        throw CLI::ValidationError("--seed", "takes a whole number, not '" + text + "'");
    std::random_device device;
    common.seed = device();
    common.isSeedDrawn = true;
}

void addLogitBias(const std::string& text, SamplingSettings& sampling) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const auto token = numberOf<std::int32_t>(std::string_view(text).substr(0, equals));
    const auto bias = equals == text.size()
                          ? std::nullopt
                          : numberOf<float>(std::string_view(text).substr(equals + 1));
    if (!token || !bias || std::isnan(*bias))
        throw CLI::ValidationError("--logit-bias", "takes ID=BIAS, as 42=-1.5, not '" + text + "'");
    sampling.logitBias.emplace_back(*token, *bias);
}

void addThreads(CLI::App& command, CommonOptions& common) {
    command
        .add_option("--threads", common.nThreads,
                    "threads; 0: one per physical core, within the quota")
        ->check(CLI::Range(0, 4096));
}

void addCommon(CLI::App& command, CommonOptions& common) {
    command.add_option("--device", common.device, "auto, cpu or cuda[:N]")
        ->check(CLI::Validator(checkDevice, "DEVICE"))
        ->capture_default_str();
    addThreads(command, common);
    command.add_option("--ctx", common.contextTokens, "context in tokens; 0: what fits")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens));
    command.add_option("--kv", common.kvType, "types of keys and values: K[,V]")
        ->check(CLI::Validator(checkKv, "K[,V]"))
        ->capture_default_str();
    command
        .add_option("--gpu-layers", common.gpuLayers,
                    "how many of the last layers lie on the card: auto, all or a number")
        ->check(CLI::Validator(checkGpuLayers, "LAYERS"))
        ->capture_default_str();
    command.add_option_function<std::string>(
        "--seed", [&common](const std::string& text) { setSeed(text, common); },
        "seed of everything random; negative: drawn and told");
    command
        .add_option(
            "--kernels", common.kernels,
            "who multiplies prompts on a card: auto (the faster one, measured once), own or "
            "cublas")
        ->check(CLI::Validator(checkKernels, "KERNELS"))
        ->capture_default_str();
}

void addJson(CLI::App& command, CommonOptions& common) {
    command.add_flag("--json", common.isJson, "print one JSON object");
}

CLI::Option* addModel(CLI::App& command, CommonOptions& common) {
    return command.add_option("MODEL", common.model,
                              "a GGUF file (the first shard of a split is enough), or a model's "
                              "folder with config.json and safetensors");
}

void addPrefixCache(CLI::App& command, CommonOptions& common) {
    command.add_option("--prefix-cache", common.prefixCacheFile,
                       "keep what the model read in this file, and do not read it again");
}

void addSampling(CLI::App& command, AnswerOptions& answer) {
    SamplingSettings& sampling = answer.sampling;
    const auto unit = CLI::Range(0.0F, 1.0F);
    const auto anyToken = CLI::Range(-1, 1 << 30);
    command.add_option("-n,--max-tokens", answer.maxTokens, "longest answer; -1: no limit")
        ->check(CLI::Range(std::int64_t{-1}, kMaxTokens));
    command
        .add_option("--draft", answer.draft,
                    "guess tokens: from what stood before (ngram), by a small model of the same "
                    "vocabulary (its file), or not (off); the answer is the same")
        ->check(CLI::Validator(checkDraft, "ngram|FILE|off"))
        ->capture_default_str();
    static const std::map<std::string, OverflowChoice> kOverflowNames{
        {"error", OverflowChoice::Error},
        {"grow", OverflowChoice::Grow},
        {"drop", OverflowChoice::Drop},
        {"sinks", OverflowChoice::Sinks}};
    command
        .add_option("--overflow", answer.overflow,
                    "when the conversation outgrows the context: error, grow (load the model "
                    "again with more), drop (leave out the oldest turns) or sinks (forget the "
                    "middle)")
        ->transform(CLI::CheckedTransformer(kOverflowNames).description("WAY"))
        ->default_str("error");
    command.add_option("--temp", sampling.temperature, "temperature; 0: greedy")
        ->check(CLI::Range(0.0F, 100.0F))
        ->capture_default_str();
    command.add_option("--top-k", sampling.topK, "0: off")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str();
    command.add_option("--top-p", sampling.topP, "1: off")->check(unit)->capture_default_str();
    command.add_option("--min-p", sampling.minP, "0: off")->check(unit)->capture_default_str();
    command.add_option("--typical", sampling.typicalP, "1: off")->check(unit);
    command.add_option("--repeat-penalty", sampling.repeatPenalty, "1: off")
        ->check(CLI::Range(0.01F, 100.0F));
    command.add_option("--presence-penalty", sampling.presencePenalty, "0: off")
        ->check(CLI::Range(-100.0F, 100.0F));
    command.add_option("--frequency-penalty", sampling.frequencyPenalty, "0: off")
        ->check(CLI::Range(-100.0F, 100.0F));
    command.add_option("--penalty-last", sampling.penaltyTokens, "tokens penalties look back")
        ->check(anyToken);
    command.add_option("--dry-multiplier", sampling.dry.multiplier, "0: off")
        ->check(CLI::Range(0.0F, 100.0F));
    command.add_option("--dry-base", sampling.dry.base)->check(CLI::Range(1.0F, 100.0F));
    command.add_option("--dry-allowed-length", sampling.dry.allowedLength)
        ->check(CLI::Range(0, 1 << 20));
    command.add_option("--dry-last", sampling.dry.lastTokens)->check(anyToken);
    command
        .add_option_function<std::vector<std::string>>(
            "--logit-bias",
            [&sampling](const std::vector<std::string>& values) {
                for (const std::string& value : values) addLogitBias(value, sampling);
            },
            "ID=BIAS, repeatable")
        ->take_all();
    command.add_option("--stop", answer.stop, "stop string, repeatable")->take_all();
    command.add_option("--system", answer.system, "system prompt");
    command.add_option("--thinking", answer.thinking, "on, off or the template's default")
        ->check(CLI::IsMember({"on", "off", "default"}));
}

void addInspection(CLI::App& app, CommandLine& line) {
    CLI::App* info = app.add_subcommand("info", "what a model file holds and needs");
    addModel(*info, line.common)->required();
    addJson(*info, line.common);
    addCommon(*info, line.common);

    CLI::App* tokenize = app.add_subcommand("tokenize", "text on stdin to token ids, and back");
    addModel(*tokenize, line.common)->required();
    addJson(*tokenize, line.common);
    tokenize->add_flag("--no-special", line.tokenize.isPlain,
                       "special tokens in the text are plain text");
    tokenize->add_flag("--add-bos", line.tokenize.isAddingBos, "begin with the BOS token");
    tokenize->add_flag("--decode", line.tokenize.isDecoding,
                       "a JSON array of ids on stdin to text, byte for byte");

    CLI::App* render = app.add_subcommand(
        "render", "the exact prompt a chat template makes; with --json also its ids");
    render->add_option("MODEL", line.common.model, "a GGUF file or a .jinja file")->required();
    addJson(*render, line.common);
    render->add_option("--messages", line.render.messagesFile, "JSON array of messages")
        ->required();
    render->add_option("--tools", line.render.toolsFile, "JSON array of tools");
    render->add_option("--var", line.render.variables, "NAME=JSON, repeatable")->take_all();
    render->add_option("--now", line.render.now, "the date templates see, as 2025-07-10");
    render->add_flag("--no-generation-prompt", line.render.isWithoutGenerationPrompt,
                     "end behind the last message");
}

void addEvaluation(CLI::App& app, CommandLine& line) {
    CLI::App* logits = app.add_subcommand("logits", "logits at every position, as raw float32");
    addModel(*logits, line.common)->required();
    addJson(*logits, line.common);
    addCommon(*logits, line.common);
    logits->add_option("--tokens", line.logits.tokensFile, "JSON array of ids")->required();
    logits->add_option("--out", line.logits.outFile, "the file to write")->required();

    CLI::App* perplexity = app.add_subcommand("perplexity", "how well a model predicts a text");
    addModel(*perplexity, line.common)->required();
    addJson(*perplexity, line.common);
    addCommon(*perplexity, line.common);
    perplexity->add_option("-f,--file", line.perplexity.textFile, "the text")->required();
    perplexity->add_option("--chunks", line.perplexity.maxChunks, "0: the whole text")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens));
    perplexity->add_option("--save-logits", line.perplexity.saveFile,
                           "keep this model's probabilities as a reference");
    perplexity->add_option("--kl", line.perplexity.compareFile,
                           "the reference that --save-logits wrote");
}

void addAnswering(CLI::App& app, CommandLine& line) {
    CLI::App* generate = app.add_subcommand("generate", "one answer to one prompt");
    addModel(*generate, line.common)->required();
    addJson(*generate, line.common);
    addCommon(*generate, line.common);
    CLI::Option_group* prompts = generate->add_option_group("prompt");
    prompts->add_option("-p,--prompt", line.generate.prompt, "the question; -: standard input");
    prompts->add_option("-f,--file", line.generate.promptFile, "the question from a file");
    prompts->add_option("--messages", line.generate.messagesFile, "JSON array of messages");
    prompts->add_option("--tokens", line.generate.tokensFile, "the prompt as a JSON array of ids");
    prompts->require_option(1);
    generate->add_flag("--raw", line.generate.isRaw, "no chat template: continue the text");
    addPrefixCache(*generate, line.common);
    addSampling(*generate, line.generate.answer);

    CLI::App* chat = app.add_subcommand("chat", "talk with a model; the demo model without MODEL");
    addModel(*chat, line.common);
    addJson(*chat, line.common);
    addCommon(*chat, line.common);
    addPrefixCache(*chat, line.common);
    addSampling(*chat, line.chat);
}

void addHub(CLI::App& command, HubCommandOptions& hub) {
    command.add_option("--endpoint", hub.endpoint,
                       "the hub's address; else HF_ENDPOINT, else https://huggingface.co");
    command.add_option("--token-file", hub.tokenFile, "a file with an access token; else HF_TOKEN");
}

void addModels(CLI::App& app, CommandLine& line) {
    CLI::App* search = app.add_subcommand("search", "GGUF models on a hub, and their files");
    search->add_option("QUERY", line.search.query, "words of the name")->required();
    addJson(*search, line.common);
    addHub(*search, line.search.hub);
    search->add_option("--limit", line.search.limit, "most models that are listed")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();

    CLI::App* pull = app.add_subcommand(
        "pull", "download a model: whole and verified, or not at all; a second call goes on");
    pull->add_option("REPO[:FILE]", line.pull.wanted,
                     "owner/name; behind a colon a file's name or a type, as Q4_K_M")
        ->required();
    addJson(*pull, line.common);
    addHub(*pull, line.pull.hub);
    pull->add_option("--to", line.pull.folder, "folder; else Sotto's own for models");
    pull->add_option("--revision", line.pull.revision, "branch, tag or commit");

    CLI::App* models = app.add_subcommand("models", "what is installed, and where");
    addJson(*models, line.common);
}

// As a check's text, which goes on behind it: without the full stop.
std::string checkLoad(const std::string& text) {
    const auto spec = parseLoadSpec(text);
    return spec ? std::string() : spec.error().message.substr(0, spec.error().message.size() - 1);
}

std::string checkKeep(const std::string& text) {
    const Status status = checkKeepRule(text);
    return status ? std::string() : status.error().message;
}

// What may stand for a type.
void addTargets(CLI::App& quantize, CommandLine& line) {
    QuantizeCommandOptions& options = line.quantize;
    CLI::Option_group* const targets = quantize.add_option_group("target");
    targets
        ->add_option("--target-bits", options.targetBits,
                     "bits per weight instead of a type: each tensor gets the type that the whole "
                     "loses least by")
        ->check(CLI::Range(0.1, 32.0));
    targets
        ->add_option("--target-size", options.targetGib,
                     "the same with the size of the file in GiB")
        ->check(CLI::Range(1e-6, 1e6));
    targets
        ->add_option("--target-memory", options.memoryGib,
                     "the same with the GiB that the model takes once it is loaded, with --ctx")
        ->check(CLI::Range(1e-6, 1e6));
    targets->require_option(0, 1);
    quantize
        .add_option("--ctx", line.common.contextTokens,
                    "tokens of context for --target-memory; 0: as a load chooses")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens));
    quantize.final_callback([&options, &quantize] {
        const bool isReading = quantize.count("--calibration") + quantize.count("--chunks") > 0;
        if (isReading && options.method != "gptq")
            throw CLI::ValidationError("--calibration and --chunks",
                                       "go with --method gptq: the others read no text");
        const bool hasTarget =
            options.targetBits > 0 || options.targetGib > 0 || options.memoryGib > 0;
        if (options.type.empty() && !hasTarget)
            throw CLI::RequiredError("TYPE, --target-bits, --target-size or --target-memory");
    });
}

void addMaking(CLI::App& app, CommandLine& line) {
    CLI::App* quantize =
        app.add_subcommand("quantize", "a smaller model of one: a new file, whole or not at all");
    QuantizeCommandOptions& options = line.quantize;
    std::vector<std::string> types = quantizeTypes();
    types.insert(types.end(), {"Q3_K", "Q4_K", "Q5_K"});  // the field's short names of their M
    quantize
        ->add_option(
            "IN", line.common.model,
            "a GGUF file, best F16, BF16 or F32 (the first shard of a split is enough), or a "
            "model's folder with config.json and safetensors")
        ->required();
    quantize->add_option("OUT", options.target, "the file to write")->required();
    quantize->add_option("TYPE", options.type, "as Q4_K_M; with a target only the file's label")
        ->check(CLI::IsMember(types, CLI::ignore_case));
    addJson(*quantize, line.common);
    addThreads(*quantize, line.common);
    quantize->add_option("--imatrix", options.importanceFile,
                         "which columns matter most, as `imatrix` and other tools measure it");
    quantize
        ->add_option("--method", options.method,
                     "search (the scales with the least error), rtn (round to nearest), gptq "
                     "(each code makes up for the errors before it, as a text's inputs go "
                     "together: the least loss, slower, and memory for a copy of the model) or "
                     "awq (columns that matter scaled up first; with --imatrix)")
        ->check(CLI::IsMember({"search", "rtn", "gptq", "awq"}))
        ->capture_default_str();
    quantize->add_option("--calibration", options.calibrationFile,
                         "the text that gptq reads; without: the built-in one");
    quantize->add_option("--chunks", options.maxChunks, "of that text, each of 512 tokens; 0: all")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens))
        ->capture_default_str();
    quantize
        ->add_option("--keep", options.keep,
                     "PATTERN=TYPE, repeatable: another type for some tensors, as attn_v=Q8_0")
        ->take_all()
        ->check(CLI::Validator(checkKeep, "PATTERN=TYPE"));
    addTargets(*quantize, line);
    quantize->add_flag("--dry-run", options.isDryRun, "say what would be made, and make nothing");
}

void addImatrix(CLI::App& app, CommandLine& line) {
    CLI::App* imatrix = app.add_subcommand(
        "imatrix", "which columns of a model's matrices matter most on a text, for quantize");
    addModel(*imatrix, line.common)->required();
    addJson(*imatrix, line.common);
    addThreads(*imatrix, line.common);
    imatrix->add_option("-f,--file", line.imatrix.textFile, "the text; without: the built-in one");
    imatrix
        ->add_option("-o,--out", line.imatrix.outFile,
                     "the file to write; a second call goes on where the first was stopped")
        ->required();
    imatrix->add_option("--ctx", line.common.contextTokens, "tokens of a chunk; 0: 512")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens));
    imatrix->add_option("--chunks", line.imatrix.maxChunks, "0: the whole text")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens));
    imatrix->add_flag("--process-output", line.imatrix.hasHead, "the output matrix as well");
    imatrix->add_flag("--sensitivity", line.imatrix.hasSensitivity,
                      "what an error in each matrix costs as well, for quantize --target-bits: the "
                      "model runs once more for each");
}

std::string checkTable(const std::string& name) {
    const bool isKnown = name.ends_with(".md") || name.ends_with(".csv") || name.ends_with(".svg");
    return isKnown ? std::string()
                   : "takes a name that ends in .md, .csv or .svg, not '" + name + "'";
}

void addCompare(CLI::App& app, CommandLine& line) {
    CLI::App* compare = app.add_subcommand(
        "compare", "what other types of a model, or other models, cost and gain");
    CompareCommandOptions& options = line.compare;
    compare->add_option("MODEL", options.models, "two or more; the first is the reference")
        ->required()
        ->expected(2, 64);
    addJson(*compare, line.common);
    addCommon(*compare, line.common);
    compare->add_option("--text", options.textFile,
                        "what they read; without: the built-in text, English and Chinese");
    compare->add_option("--chunks", options.maxChunks, "of --ctx tokens (0: 512); 0: all")
        ->check(CLI::Range(std::int64_t{0}, kMaxTokens));
    compare->add_option("--prompts", options.promptsFile,
                        "what they answer, a line each; without: two built-in ones");
    compare->add_option("--questions", options.questionsFile,
                        "questions with their answers, a JSON object a line (also as MMLU, C-Eval "
                        "and GSM8K have them); builtin: the built-in set");
    CLI::Option* table =
        compare->add_option("--table", options.tableFile,
                            "write the rows as NAME.md, NAME.csv or, as a picture, NAME.svg, with "
                            "speeds at --depths; a second call goes on where the first was "
                            "stopped");
    table->check(CLI::Validator(checkTable, "FILE"));
    compare->add_option("--depths", options.depths, "tokens before the speeds of a table")
        ->delimiter(',')
        ->check(CLI::Range(std::int64_t{1}, kMaxTokens))
        ->needs(table)
        ->allow_extra_args(false)
        ->capture_default_str();
    compare->add_option("-n,--max-tokens", options.maxTokens, "longest answer to a prompt")
        ->check(CLI::Range(std::int64_t{2}, kMaxTokens))
        ->capture_default_str();
}

void addMeasuring(CLI::App& app, CommandLine& line) {
    CLI::App* bench = app.add_subcommand("bench", "speed against this machine's bandwidth");
    CLI::Option* model = addModel(*bench, line.common);
    addJson(*bench, line.common);
    addCommon(*bench, line.common);
    BenchOptions& options = line.bench;
    CLI::Option* synthetic = bench->add_option("--synthetic", options.synthetic,
                                               "random weights: SHAPE:TYPE, as llama-1b:Q4_K_M");
    synthetic->excludes(model);
    bench->add_option("--save", options.saveFile, "write the synthetic model as GGUF")
        ->needs(synthetic);
    const auto count = CLI::Range(std::int64_t{0}, kMaxTokens);
    CLI::Option* load = bench->add_option(
        "--load", options.load,
        "a load test instead: streams=8,rate=2,prompt=300,answer=150,requests=64,seed=1 (rate: "
        "arrivals per second, 0: all at once; streams: most in flight, the others wait); with "
        "intruder=2000 a prompt of that length arrives while the streams write");
    load->check(CLI::Validator(checkLoad, "LOAD"))->excludes(synthetic);
    bench->add_flag("--ask-ahead", line.common.isAskingAhead,
                    "cards below compute capability 9.0: ask for the next weights ahead");
    const auto alone = [&](CLI::Option* option) { return option->excludes(load); };
    alone(bench->add_option("--pp", options.promptTokens, "prompt tokens; 0: no prefill test"))
        ->check(count)
        ->capture_default_str();
    alone(bench->add_option("--tg", options.generatedTokens, "generated tokens; 0: no decode test"))
        ->check(count)
        ->capture_default_str();
    alone(bench->add_option("--depth", options.depth, "tokens in the cache before"))->check(count);
    alone(bench->add_option("--batch", options.batches,
                            "sequences together; several as 1,2,4,8: a decode test for each"))
        ->delimiter(',')
        ->check(CLI::Range(1, 1024))
        ->allow_extra_args(false);
    alone(bench->add_option("--repeat", options.repeats, "runs of each test"))
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();

    CLI::App* forecast =
        app.add_subcommand("forecast", "memory and speed of a model, before it is loaded");
    CLI::Option* forecastModel =
        forecast->add_option("MODEL|REPO:FILE", line.common.model,
                             "a GGUF file, or one of a hub: owner/name, and behind a colon a "
                             "file's name or a type, as Q4_K_M");
    addJson(*forecast, line.common);
    addCommon(*forecast, line.common);
    addHub(*forecast, line.forecast.hub);
    forecast
        ->add_option("--synthetic", line.forecast.synthetic,
                     "of random weights: SHAPE:TYPE, as llama-1b:Q4_K_M")
        ->excludes(forecastModel);
    forecast->add_option("--for", line.forecast.card,
                         "as if this computer had that graphics card: 3060 to 5090");
    forecast->add_option("--depth", line.forecast.depth, "tokens in the cache while decoding")
        ->check(count)
        ->capture_default_str();
    forecast->add_option("--pp", line.forecast.promptTokens, "length of the prompt that is read")
        ->check(CLI::Range(std::int64_t{1}, kMaxTokens))
        ->capture_default_str();
    forecast->add_flag("--measure", line.forecast.isMeasuringAnew,
                       "measure this machine anew, whatever is remembered of it");

    CLI::App* doctor = app.add_subcommand("doctor", "is this machine fine?");
    addJson(*doctor, line.common);
    addCommon(*doctor, line.common);
    alone(doctor->add_flag("--real-size", line.doctor.isRealSize,
                           "also a matrix per type as large as models have them"));
}

}  // namespace

std::optional<int> parseCommandLine(int argc, char** argv, CommandLine& line) {
    CLI::App app{"Sotto: private, offline chat with language models. Command line.", "sotto-cli"};
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("sotto-cli ") + SOTTO_VERSION);
    addInspection(app, line);
    addEvaluation(app, line);
    addAnswering(app, line);
    addMeasuring(app, line);
    addModels(app, line);
    addMaking(app, line);
    addImatrix(app, line);
    addCompare(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        print(app.help());
        return finishOutput();
    } catch (const CLI::CallForAllHelp&) {
        print(app.help("", CLI::AppFormatMode::All));
        return finishOutput();
    } catch (const CLI::CallForVersion&) {
        print(app.version() + "\n");
        return finishOutput();
    } catch (const CLI::ParseError& error) {
        // What was understood before the mistake depends on their order.
        const bool isJson = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
        return printUsageError(error.what(), isJson);
    }
    line.command = app.get_subcommands().front()->get_name();
    if (line.command == "bench" && line.common.model.empty() && line.bench.synthetic.empty()) {
        return printUsageError("bench needs a MODEL or --synthetic SHAPE:TYPE", line.common.isJson);
    }
    if (line.command == "forecast" && line.common.model.empty() &&
        line.forecast.synthetic.empty()) {
        return printUsageError("forecast needs a MODEL or --synthetic SHAPE:TYPE",
                               line.common.isJson);
    }
    if (const auto paths = app::findPaths(app::processEnvironment()))
        line.common.productMemory =
            std::make_shared<app::ProductMemoryFile>(app::productMemoryPath(paths->cache));
    if (line.common.isSeedDrawn) printWarning("seed " + std::to_string(*line.common.seed));
    return std::nullopt;
}

}  // namespace sotto::cli
