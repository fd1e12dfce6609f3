// Files and standard input, read whole, with one sentence for what is wrong with them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/output.h"
#include "base/result.h"
#include "engine/api/generation_request.h"

namespace sotto::cli {

// Errors: FileNotFound, FileUnreadable (a folder, no permission), InvalidArgument (over 1 GiB).
Result<std::string> readFile(const std::string& path);
// `path`, or where it is empty that of the built-in evaluation text. Errors: FileNotFound (the
// program came without it).
Result<std::string> evaluationTextPath(const std::string& path);
// What is written there. Errors: those of both.
Result<std::string> readEvaluationText(const std::string& path);
// The name of that text: the file's own.
std::string evaluationTextName(const std::string& path);
Result<std::string> readStdin();  // Errors: Cancelled (Ctrl-C while it was still coming).

// Errors: those of readFile; InvalidArgument when it is not JSON.
Result<Json> readJsonFile(const std::string& path);

// A JSON array of {"role", "content"} as chat APIs have it; "reasoning_content" is an assistant's
// thinking. Errors: as above; InvalidArgument names the first bad element.
Result<std::vector<ChatMessage>> readMessagesFile(const std::string& path);

// A JSON array of token ids. Errors: as above; InvalidArgument names the first bad element.
Result<std::vector<std::int32_t>> readTokenFile(const std::string& path);
Result<std::vector<std::int32_t>> parseTokens(const std::string& text, const std::string& source);

}  // namespace sotto::cli
