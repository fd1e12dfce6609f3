#include <fmt/format.h>

#include "base/guarded.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/token/bpe_tokenizer.h"
#include "engine/token/spm_tokenizer.h"
#include "engine/token/tokenizer_factory.h"

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
    SOTTO_ASSIGN(const Vocabulary vocabulary, readVocabulary(metadata));
    return makeTokenizer(vocabulary);
}

Result<std::unique_ptr<Tokenizer>> loadTokenizer(const std::filesystem::path& ggufPath) {
    return guarded([&]() -> Result<std::unique_ptr<Tokenizer>> {
        SOTTO_ASSIGN(const GgufFile file, GgufFile::open(ggufPath));
        return makeTokenizer(file.metadata());
    });
}

}  // namespace sotto
