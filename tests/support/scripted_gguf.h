// A model that says what a test gives it: the next token depends on the last one alone, so that
// its answers are exact. Byte-level vocabulary, one layer that adds nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/gguf/gguf_writer.h"

namespace sotto::test {

// GGUF token types.
constexpr std::int32_t kNormalPiece = 1, kControlPiece = 3, kUserDefinedPiece = 4;

struct ScriptedPiece {
    std::string text;
    std::int32_t type = kNormalPiece;
};

struct ScriptedModel {
    // Each a token of its own, from kFirstPiece on; behind the last one comes "<|eos|>".
    std::vector<ScriptedPiece> pieces;
    bool isLooping = false;  // behind the last one comes the first
    std::uint32_t nContext = 256;
    std::string chatTemplate =
        "{% for m in messages %}{{ m.content }}{% endfor %}"
        "{% if add_generation_prompt %}<|go|>{% endif %}";
    // More keys, or other values of those that there are.
    std::vector<std::pair<std::string, GgufWriteValue>> values;
};

constexpr std::int32_t kGoToken = 256;   // "<|go|>", before the first piece
constexpr std::int32_t kEosToken = 257;  // "<|eos|>"
constexpr std::int32_t kFirstPiece = 258;

// Fails only on more than 62 pieces.
Status writeScriptedModel(const ScriptedModel& model, const std::filesystem::path& path);

}  // namespace sotto::test
