// What the command line asks for: one plain struct per subcommand, filled by command_line.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/engine_options.h"
#include "engine/api/generation_request.h"

namespace sotto::cli {

// Mean the same in every subcommand.
struct CommonOptions {
    std::string model;
    bool isJson = false;
    std::string device = "auto";
    int nThreads = 0;
    std::int64_t contextTokens = 0;
    std::string kvType = "f16";
    std::string gpuLayers = "auto";  // auto, all or a number
    // auto, own or cublas: who multiplies prompts on a card. Hidden: reference, for comparisons
    // with golden logits.
    std::string kernels = "auto";
    std::shared_ptr<ProductMemory> productMemory;  // copies of the options name the same
    std::string
        prefixCacheFile;  // of `generate` and `chat`: where prompts are kept; empty: nowhere
    std::optional<std::uint64_t> seed;
    bool isAskingAhead = false;
    bool isSeedDrawn = false;  // asked for with a negative number: to be told

    EngineOptions engine() const;
    LoadOptions load() const;
};

struct TokenizeOptions {
    bool isPlain = false;  // special tokens in the text are text
    bool isAddingBos = false;
    bool isDecoding = false;
};

struct RenderOptions {
    std::string messagesFile;
    std::string toolsFile;
    std::vector<std::string> variables;  // NAME=JSON
    std::string now;                     // 2025-07-10 or 2025-07-10T12:00:00; empty: the clock
    bool isWithoutGenerationPrompt = false;
};

struct LogitsOptions {
    std::string tokensFile;
    std::string outFile;
};

// What becomes of a conversation that outgrows the context.
enum class OverflowChoice : std::uint8_t { Error, Grow, Drop, Sinks };

// Sampling and stopping, of `generate` and `chat`.
struct AnswerOptions {
    SamplingSettings sampling;
    std::int64_t maxTokens = -1;
    std::vector<std::string> stop;
    std::string system;
    std::string thinking = "default";  // on | off | default
    std::string draft = "off";         // ngram | off | the file of a draft model
    OverflowChoice overflow = OverflowChoice::Error;
};

struct GenerateOptions {
    AnswerOptions answer;
    std::string prompt;  // "-": standard input
    std::string promptFile;
    std::string messagesFile;
    std::string tokensFile;
    bool isRaw = false;
};

struct BenchOptions {
    std::string synthetic;
    std::string saveFile;
    std::int64_t promptTokens = 512;
    std::int64_t generatedTokens = 128;
    std::int64_t depth = 0;
    std::vector<std::int32_t> batches{1};
    std::int32_t repeats = 5;
    std::string load;  // "streams=8,rate=2,…": a load test instead
};

// Of the subcommands that speak to a model hub.
struct HubCommandOptions {
    std::string endpoint;   // empty: HF_ENDPOINT, else huggingface.co
    std::string tokenFile;  // empty: HF_TOKEN
};

struct ForecastOptions {
    HubCommandOptions hub;  // where the model is one of a hub
    std::string card;       // for another one than is here: "4090"; empty: for this computer
    std::string synthetic;  // SHAPE:TYPE instead of a model
    std::int64_t depth = 0;
    std::int64_t promptTokens = 512;
    bool isMeasuringAnew = false;
};

struct SearchOptions {
    HubCommandOptions hub;
    std::string query;
    int limit = 10;
};

struct PullOptions {
    HubCommandOptions hub;
    std::string wanted;  // REPO or REPO:FILE or REPO:TYPE
    std::string folder;  // empty: Sotto's models
    std::string revision;
};

struct PerplexityCommandOptions {
    std::string textFile;
    std::string saveFile;
    std::string compareFile;
    std::int64_t maxChunks = 0;
};

struct QuantizeCommandOptions {
    std::string target;
    std::string type;       // a mix: "Q4_K_M"; may be empty with a target
    double targetBits = 0;  // per weight; 0: none
    double targetGib = 0;   // of the file, 2^30 bytes; 0: none
    double memoryGib = 0;   // of the loaded model with its context; 0: none
    std::string importanceFile;
    std::string method = "search";  // as methodName() has it
    std::string calibrationFile;    // a text, of methods that read one; empty: the built-in one
    std::int64_t maxChunks = 128;   // of that text; 0: all
    std::vector<std::string> keep;  // PATTERN=TYPE
    bool isDryRun = false;
};

struct ImatrixCommandOptions {
    std::string textFile;
    std::string outFile;
    std::int64_t maxChunks = 0;
    bool hasHead = false;
    bool hasSensitivity = false;
};

struct CompareCommandOptions {
    std::vector<std::string> models;  // the first is the reference
    std::string promptsFile;          // empty: two built-in prompts
    std::string textFile;             // empty: the built-in text
    std::string questionsFile;        // empty: none; "builtin": the built-in set
    std::int64_t maxChunks = 0;
    std::int64_t maxTokens = 128;                  // of an answer to a prompt
    std::string tableFile;                         // .md, .csv or .svg; empty: none
    std::vector<std::int64_t> depths{2048, 8192};  // at which a table has speeds
};

struct DoctorOptions {
    bool isRealSize = false;  // also matrices as large as models have them
};

struct CommandLine {
    std::string command;
    CommonOptions common;
    TokenizeOptions tokenize;
    RenderOptions render;
    LogitsOptions logits;
    GenerateOptions generate;
    AnswerOptions chat;
    BenchOptions bench;
    ForecastOptions forecast;
    SearchOptions search;
    PullOptions pull;
    PerplexityCommandOptions perplexity;
    QuantizeCommandOptions quantize;
    ImatrixCommandOptions imatrix;
    CompareCommandOptions compare;
    DoctorOptions doctor;
};

// Nothing when there is work to do; otherwise the exit status after --help, --version or an error.
std::optional<int> parseCommandLine(int argc, char** argv, CommandLine& line);

// The subcommands, each in a file of its own. They return the exit status.
int runInfo(const CommonOptions& common);
int runTokenize(const CommonOptions& common, const TokenizeOptions& options);
int runRender(const CommonOptions& common, const RenderOptions& options);
int runLogits(const CommonOptions& common, const LogitsOptions& options);
int runGenerate(const CommonOptions& common, const GenerateOptions& options);
int runChat(const CommonOptions& common, const AnswerOptions& options);
int runBench(const CommonOptions& common, const BenchOptions& options);
int runLoadBench(const CommonOptions& common, const BenchOptions& options);
int runSearch(const CommonOptions& common, const SearchOptions& options);
int runPull(const CommonOptions& common, const PullOptions& options);
int runModels(const CommonOptions& common);
int runForecast(const CommonOptions& common, const ForecastOptions& options);
int runPerplexity(const CommonOptions& common, const PerplexityCommandOptions& options);
int runQuantize(const CommonOptions& common, const QuantizeCommandOptions& options);
int runImatrix(const CommonOptions& common, const ImatrixCommandOptions& options);
int runCompare(const CommonOptions& common, const CompareCommandOptions& options);
int runDoctor(const CommonOptions& common, const DoctorOptions& options);

}  // namespace sotto::cli
