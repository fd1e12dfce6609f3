#include <fmt/format.h>

#include "base/guarded.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/token/bpe_tokenizer.h"
#include "engine/token/spm_tokenizer.h"
#include "engine/token/tokenizer_factory.h"
#include "engine/token/turn_markers.h"

namespace sotto {

Result<std::unique_ptr<Tokenizer>> makeTokenizer(const Vocabulary& vocabulary) {
    if (vocabulary.model == "llama" || vocabulary.model == "t5") {
        return SpmTokenizer::create(vocabulary);
    }
    if (vocabulary.model == "gpt2") return BpeTokenizer::create(vocabulary);
    return fail(
        ErrorCode::Unsupported,
        fmt::format("The tokenizer \"{}\" is not supported.", printableName(vocabulary.model)),
        "tokenizer.ggml.model");
}

Result<std::unique_ptr<Tokenizer>> makeTokenizer(const GgufMetadata& metadata) {
    SOTTO_ASSIGN(Vocabulary vocabulary, readVocabulary(metadata));
    typeTurnMarkers(vocabulary, metadata.string("tokenizer.chat_template").value_or(""));
    return makeTokenizer(vocabulary);
}

Result<std::vector<std::int32_t>> encodePrompt(const Tokenizer& tokenizer, std::string_view text,
                                               std::span<const TextSpan> callerSpans) {
    EncodeOptions options;
    options.callerSpans = callerSpans;
    SOTTO_ASSIGN(std::vector<std::int32_t> tokens, tokenizer.encode(text, options));
    const std::int32_t bos = tokenizer.bosToken();
    const bool hasBos = !tokens.empty() && tokens.front() == bos;
    if (tokenizer.isAddingBosByDefault() && bos >= 0 && !hasBos) tokens.insert(tokens.begin(), bos);
    return tokens;
}

Result<std::unique_ptr<Tokenizer>> loadTokenizer(const std::filesystem::path& ggufPath) {
    return guarded([&]() -> Result<std::unique_ptr<Tokenizer>> {
        SOTTO_ASSIGN(const GgufFile file, GgufFile::open(ggufPath));
        return makeTokenizer(file.metadata());
    });
}

}  // namespace sotto
