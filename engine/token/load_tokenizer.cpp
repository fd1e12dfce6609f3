#include <fmt/format.h>

#include "base/guarded.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/hf/hf_model.h"
#include "engine/token/bpe_tokenizer.h"
#include "engine/token/spm_tokenizer.h"
#include "engine/token/tokenizer_factory.h"
#include "engine/token/turn_markers.h"

namespace sotto {

namespace {

bool isSentencepiece(std::string_view model) { return model == "llama" || model == "t5"; }

tl::unexpected<Error> unknownTokenizer(std::string_view model) {
    return fail(ErrorCode::Unsupported,
                fmt::format("The tokenizer \"{}\" is not supported.", printableName(model)),
                "tokenizer.ggml.model");
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> makeTokenizer(const Vocabulary& vocabulary) {
    if (isSentencepiece(vocabulary.model)) return SpmTokenizer::create(vocabulary);
    if (vocabulary.model == "gpt2") return BpeTokenizer::create(vocabulary);
    return unknownTokenizer(vocabulary.model);
}

Status checkTokenizer(const GgufMetadata& metadata) {
    const std::string_view model = metadata.string("tokenizer.ggml.model").value_or("");
    if (isSentencepiece(model)) return {};
    if (model == "gpt2")
        return BpeTokenizer::checkPreTokenizer(metadata.string("tokenizer.ggml.pre").value_or(""));
    return unknownTokenizer(model);
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

Result<std::unique_ptr<Tokenizer>> loadTokenizer(const std::filesystem::path& path) {
    return guarded([&]() -> Result<std::unique_ptr<Tokenizer>> {
        if (isHfFolder(path)) {
            SOTTO_ASSIGN(const auto folder, HfModel::open(path));
            return makeTokenizer(folder->declared().metadata());
        }
        SOTTO_ASSIGN(const GgufFile file, GgufFile::open(path));
        return makeTokenizer(file.metadata());
    });
}

}  // namespace sotto
