#include "app/cli/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "app/cli/platform.h"
#include "app/cli/terminal_text.h"

namespace sotto::cli {

static void printBytes(std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    std::fflush(stdout);
}

void print(std::string_view text) {
    if (isStdoutTerminal())
        printBytes(terminalText(text));
    else
        printBytes(text);
}

void printStyle(std::string_view sequence) { printBytes(sequence); }

void printJson(const Json& json) {
    printBytes(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

bool isOutputBroken() { return std::ferror(stdout) != 0 || isStdoutAbandoned(); }

int finishOutput() {
    if (std::fflush(stdout) == 0 && !isOutputBroken()) return kDone;
    if (!isStdoutAbandoned())
        std::fputs("sotto-cli: the output could not be written; is the disk full?\n", stderr);
    return kFailed;
}

static void printLine(std::string line) {
    // One line whatever a file name contains.
    std::replace_if(
        line.begin(), line.end(), [](char byte) { return byte == '\n' || byte == '\r'; }, ' ');
    if (isStderrTerminal()) line = terminalText(line);
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
}

// The library's sentences send people to the window's settings; here there are other ways.
static std::string remedyHere(const Error& error) {
    switch (error.code) {
        case ErrorCode::Offline:
            return "HF_HUB_OFFLINE is set, so nothing was sent to " + error.context +
                   ": unset it to allow connections.";
        case ErrorCode::TokenRefused:
            return error.context +
                   " refuses the access token: give another one with --token-file or HF_TOKEN.";
        case ErrorCode::AccessGated:
        case ErrorCode::NotOnHub: return error.message + " (--token-file FILE or HF_TOKEN)";
        default: return error.message;
    }
}

std::string describeError(const Error& error) {
    std::string text = remedyHere(error);
    if (!error.context.empty() && text.find(error.context) == std::string::npos) {
        text += fmt::format(" ({})", error.context);
    }
    return text;
}

static void printErrorJson(ErrorCode code, std::string_view message) {
    printJson({{"error", {{"code", errorCodeName(code)}, {"message", message}}}});
}

int printError(const Error& error, bool isJson) {
    const std::string text = describeError(error);
    printLine("sotto-cli: " + text);
    if (isJson) printErrorJson(error.code, text);
    return kFailed;
}

int printUsageError(std::string_view message, bool isJson) {
    printLine(fmt::format("sotto-cli: {}; `sotto-cli --help` lists what there is", message));
    if (isJson) printErrorJson(ErrorCode::InvalidArgument, message);
    return kWrongUsage;
}

void printNote(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void printWarning(std::string_view message) { printLine(fmt::format("sotto-cli: {}", message)); }

void warnOfTemplate(const ModelInfo& model, bool hasSystem) {
    if (model.chatTemplate.empty()) printWarning("the model has no chat template; ChatML is used");
    if (!model.templateProblem.empty()) printWarning("ChatML is used: " + model.templateProblem);
    if (hasSystem && model.systemRole == SystemRole::Refused)
        printWarning(
            "the model's chat template takes no system message; its text stands in front of the "
            "question");
}

void warnOfContext(const ModelInfo& model) {
    if (model.shortenedFrom == 0) return;
    printWarning(
        fmt::format("memory ran out while the model was loaded, so its context is {} tokens "
                    "instead of {}",
                    model.contextTokens, model.shortenedFrom));
}

std::string bandwidthText(double readGbS, double copyGbS) {
    if (readGbS <= 0) return "Bandwidth: not measured, too little memory is free";
    return fmt::format("Measured bandwidth: read {:.1f} GB/s, copy {:.1f} GB/s", readGbS, copyGbS);
}

std::string bytesText(std::uint64_t bytes) {
    static constexpr std::array<const char*, 5> kUnits{"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} bytes", bytes)
                     : fmt::format("{:.2f} {}", value, kUnits[unit]);
}

std::string countText(std::uint64_t count) {
    static constexpr std::array<const char*, 4> kUnits{"", " K", " M", " B"};
    double value = static_cast<double>(count);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? std::to_string(count) : fmt::format("{:.2f}{}", value, kUnits[unit]);
}

std::string rateText(double tokensPerSecond) {
    return fmt::format("{:.{}f} tokens/s", tokensPerSecond, tokensPerSecond < 10 ? 2 : 1);
}

Json memoryJson(const MemoryEstimate& memory) {
    return {{"weights", memory.weights},
            {"kv", memory.kv},
            {"scratch", memory.scratch},
            {"total", memory.total()}};
}

std::string memoryText(const MemoryEstimate& memory) {
    return fmt::format("{}: weights {}, keys and values {}, scratch {}", bytesText(memory.total()),
                       bytesText(memory.weights), bytesText(memory.kv), bytesText(memory.scratch));
}

// 0 stands for a figure that too few tokens could give.
static Json measured(double value) { return value > 0 ? Json(value) : Json(); }

Json statsJson(const RequestStats& stats) {
    return {{"prompt_tokens", stats.promptTokens},
            {"reused_tokens", stats.reusedTokens},
            {"restored_tokens", stats.restoredTokens},
            {"left_out_tokens", stats.leftOutTokens},
            {"slid_tokens", stats.slidTokens},
            {"computed_tokens", stats.computedTokens()},
            {"generated_tokens", stats.generatedTokens},
            {"ttft_ms", stats.ttftMs},
            {"restore_ms", stats.restoreMs},
            {"tpot_ms",
             {{"mean", measured(stats.tpotMeanMs)},
              {"p50", measured(stats.tpotP50Ms)},
              {"p95", measured(stats.tpotP95Ms)}}},
            {"tokens_per_s", stats.tokensPerSecond},
            {"mbu", stats.mbu},
            {"draft",
             {{"proposed", stats.draftProposed},
              {"accepted", stats.draftAccepted},
              {"steps", stats.draftSteps},
              {"gain", measured(stats.draftGain)}}},
            {"seed", stats.seed}};
}

}  // namespace sotto::cli
