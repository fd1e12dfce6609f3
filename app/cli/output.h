// Everything that is printed: JSON on stdout, errors as one line on stderr, numbers for people.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/result.h"
#include "engine/api/model_info.h"
#include "engine/api/stats.h"

namespace sotto::cli {

using Json = nlohmann::ordered_json;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// One line; bytes that are not UTF-8 (a broken file's name in it) are replaced.
void printJson(const Json& json);
// kFailed when stdout could not be written, else kDone. A full disk is told; of a reader that has
// gone, as behind `| head`, the status speaks alone.
int finishOutput();
// Whether something could not be written to stdout, or would not be: nobody reads any more.
bool isOutputBroken();
// To stdout, flushed: streaming. Every byte to a pipe or a file; on a terminal without what it
// would obey (terminal_text.h), whoever wrote the text. printStyle() is for our own sequences.
void print(std::string_view text);
void printStyle(std::string_view sequence);

// "sotto-cli: <sentence>" on stderr, and with `isJson` {"error":{"code","message"}} on stdout.
// Returns the exit status.
int printError(const Error& error, bool isJson);
int printUsageError(std::string_view message, bool isJson);
void printWarning(std::string_view message);
// To stderr as it is: our own text for people beside JSON on stdout.
void printNote(std::string_view text);

// "Measured bandwidth: read …, copy …" of a device in 1e9 bytes per second; `readGbS` 0: it was not
// measured.
std::string bandwidthText(double readGbS, double copyGbS);

// What of a model's chat template differs from what was asked for. `hasSystem`: the chat has a
// system message.
void warnOfTemplate(const ModelInfo& model, bool hasSystem);
// Of a loaded model whose context had to be shortened on the way.
void warnOfContext(const ModelInfo& model);

// The error's sentence names the file or argument concerned, if it does not already.
std::string describeError(const Error& error);

std::string bytesText(std::uint64_t bytes);  // "1.2 GiB"
std::string countText(std::uint64_t count);  // "1.24 B" (billions)
std::string rateText(double tokensPerSecond);

// `memory` of a model, and as a line: "1.8 GiB: weights …, keys and values …, scratch …".
Json memoryJson(const MemoryEstimate& memory);
std::string memoryText(const MemoryEstimate& memory);

// `stats` of an answer; a time per token that too few tokens could give is null.
Json statsJson(const RequestStats& stats);

}  // namespace sotto::cli
