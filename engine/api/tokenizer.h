// Text to token ids and back, as the model's own vocabulary has it. Immutable after loading; any
// thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/text_span.h"

namespace sotto {

struct EncodeOptions {
    bool isAddingBos = false;  // put the BOS token first (where the model has one)
    bool isParsingSpecial =
        true;  // "<|im_end|>" in the text becomes its control token, otherwise plain text
    // Where the text is somebody else's (RenderedText::callerSpans): no byte of it becomes part of
    // a control token. Ordinary text is cut nowhere for it. Must outlive the call.
    std::span<const TextSpan> callerSpans = {};
};

class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    // Errors: InvalidArgument when `text` is not valid UTF-8 (with the byte offset).
    virtual Result<std::vector<std::int32_t>> encode(std::string_view text,
                                                     const EncodeOptions& options) const = 0;

    // The bytes this token stands for inside a text (not at its beginning): exact, maybe half a
    // UTF-8 character. Control tokens give their text when `isShowingSpecial`, otherwise nothing.
    // Ids out of range give nothing.
    virtual std::string pieceBytes(std::int32_t token, bool isShowingSpecial) const = 0;

    // The exact text of a sequence, byte for byte (removes the one leading space that a dummy
    // prefix added).
    virtual std::string decode(const std::vector<std::int32_t>& tokens,
                               bool isShowingSpecial) const = 0;

    virtual std::int32_t size() const = 0;
    // Of all pieces and their kinds, in order: vocabularies with the same one give the same ids the
    // same text. Never 0; the same on every machine.
    virtual std::uint64_t fingerprint() const = 0;
    virtual std::int32_t bosToken() const = 0;  // -1: none
    virtual std::int32_t eosToken() const = 0;  // -1: none
    virtual bool isEndOfGeneration(
        std::int32_t token) const = 0;  // EOS, EOT, <|im_end|>, <|end|>, …
    // Somebody's turn begins with it ("<|im_start|>", "[INST]"), whatever type its file gives it.
    virtual bool isTurnStart(std::int32_t token) const = 0;
    virtual bool isAddingBosByDefault() const = 0;  // tokenizer.ggml.add_bos_token
    virtual bool isControl(std::int32_t token) const = 0;
    virtual std::string description() const = 0;  // "spm, 32000 pieces"
};

// A whole prompt: control tokens outside of `callerSpans`, and BOS in front where the model wants
// it and the text does not begin with it, as many templates write it themselves. Errors: as
// encode().
Result<std::vector<std::int32_t>> encodePrompt(const Tokenizer& tokenizer, std::string_view text,
                                               std::span<const TextSpan> callerSpans = {});

// Of a GGUF file or a folder of Hugging Face's form. Errors: those of reading it; Unsupported names
// the tokenizer or pre-tokenizer.
Result<std::unique_ptr<Tokenizer>> loadTokenizer(const std::filesystem::path& path);

}  // namespace sotto
