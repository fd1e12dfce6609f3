// A conversation as text for people, which `/save` of the chat writes.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/atomic_file.h"
#include "base/result.h"
#include "engine/api/generation_request.h"

namespace sotto::cli {

// JSON (an array of messages, as `render --messages` reads it) when the name ends in .json,
// Markdown otherwise.
std::string transcriptText(std::span<const ChatMessage> messages, bool isJson);
// Errors: those of AtomicFile.
Status saveTranscript(const std::filesystem::path& path, std::span<const ChatMessage> messages,
                      const AtomicFileOptions& options);

}  // namespace sotto::cli
