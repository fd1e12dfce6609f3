#include "engine/token/vocabulary.h"

#include <fmt/format.h>

#include "base/log.h"
#include "engine/token/byte_level.h"

namespace sotto {

namespace {

// More tokens than any vocabulary has (the largest known is about 260,000), small enough that
// every index product below stays far inside 32 bits.
constexpr std::size_t kMaxTokens = 1U << 24;
constexpr std::int64_t kNoId = -1;

// An id outside the vocabulary is a converter's slip (often 0xFFFFFFFF for "none"), not a damaged
// file: the model works without it.
// Some converters write a list where most write one id; the first is the one to write and show.
std::vector<std::int32_t> readTokenIds(const GgufMetadata& metadata, std::string_view key,
                                       std::size_t nTokens, std::int32_t defaultId) {
    std::vector<std::int32_t> inside;
    const auto listed = metadata.has(key) ? metadata.integers(key).value_or(std::vector{kNoId})
                                          : std::vector<std::int64_t>{defaultId};
    for (const std::int64_t id : listed) {
        if (id >= 0 && static_cast<std::uint64_t>(id) < nTokens)
            inside.push_back(static_cast<std::int32_t>(id));
        else if (metadata.has(key))
            logMessage(LogLevel::Warning,
                       fmt::format("{} lies outside the vocabulary; ignored", key));
    }
    return inside;
}

Status readScoresAndTypes(const GgufMetadata& metadata, Vocabulary& vocabulary) {
    const std::size_t nTokens = vocabulary.texts.size();
    vocabulary.scores.assign(nTokens, 0.0F);
    vocabulary.types.assign(nTokens, TokenType::Normal);

    if (const auto scores = metadata.reals("tokenizer.ggml.scores")) {
        if (scores->size() != nTokens) {
            return fail(
                ErrorCode::FileDamaged,
                fmt::format("The vocabulary has {} tokens but {} scores.", nTokens, scores->size()),
                "tokenizer.ggml.scores");
        }
        vocabulary.scores.assign(scores->begin(), scores->end());
    }
    if (const auto types = metadata.integers("tokenizer.ggml.token_type")) {
        if (types->size() != nTokens) {
            return fail(ErrorCode::FileDamaged,
                        fmt::format("The vocabulary has {} tokens but {} token types.", nTokens,
                                    types->size()),
                        "tokenizer.ggml.token_type");
        }
        for (std::size_t token = 0; token < nTokens; ++token) {
            const std::int64_t type = (*types)[token];
            if (type >= 1 && type <= 6) vocabulary.types[token] = static_cast<TokenType>(type);
        }
    }
    return {};
}

void readFlags(const GgufMetadata& metadata, Vocabulary& vocabulary) {
    vocabulary.isAddingBos = metadata.boolean("tokenizer.ggml.add_bos_token");
    vocabulary.isAddingSpacePrefix =
        metadata.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
    vocabulary.isRemovingExtraWhitespaces =
        metadata.boolean("tokenizer.ggml.remove_extra_whitespaces").value_or(false);
    if (const auto charsmap = metadata.integers("tokenizer.ggml.precompiled_charsmap")) {
        vocabulary.precompiledCharsmap.reserve(charsmap->size());
        for (const std::int64_t byte : *charsmap) {
            vocabulary.precompiledCharsmap += static_cast<char>(static_cast<unsigned char>(byte));
        }
    }
}

}  // namespace

bool isWrittenInLetters(const Vocabulary& vocabulary, std::int32_t token) {
    const TokenType type = vocabulary.types[static_cast<std::size_t>(token)];
    return vocabulary.model == "gpt2" && type != TokenType::Control &&
           type != TokenType::UserDefined && type != TokenType::Unknown;
}

std::string plainText(const Vocabulary& vocabulary, std::int32_t token) {
    if (token < 0 || token >= vocabulary.size()) return {};
    const std::string& text = vocabulary.texts[static_cast<std::size_t>(token)];
    return isWrittenInLetters(vocabulary, token) ? bytesOfLetters(text) : text;
}

Result<Vocabulary> readVocabulary(const GgufMetadata& metadata) {
    const auto model = metadata.string("tokenizer.ggml.model");
    const auto* tokens = metadata.strings("tokenizer.ggml.tokens");
    if (!model || tokens == nullptr || tokens->empty()) {
        return fail(ErrorCode::Unsupported, "The file has no vocabulary.", "tokenizer.ggml.tokens");
    }
    if (tokens->size() > kMaxTokens) {
        return fail(
            ErrorCode::FileDamaged,
            fmt::format("The vocabulary has {} tokens, more than {}.", tokens->size(), kMaxTokens),
            "tokenizer.ggml.tokens");
    }

    Vocabulary vocabulary;
    vocabulary.model = *model;
    vocabulary.preTokenizer = metadata.string("tokenizer.ggml.pre").value_or("");
    vocabulary.texts.assign(tokens->begin(), tokens->end());
    if (const auto* merges = metadata.strings("tokenizer.ggml.merges")) {
        vocabulary.merges.assign(merges->begin(), merges->end());
    }
    SOTTO_TRY(readScoresAndTypes(metadata, vocabulary));
    readFlags(metadata, vocabulary);

    // Old sentencepiece files leave the ids out; sentencepiece's own defaults then hold.
    const bool isSentencepiece = vocabulary.model == "llama";
    const std::size_t nTokens = vocabulary.texts.size();
    const auto ids = [&](std::string_view name, std::int32_t sentencepieceDefault) {
        return readTokenIds(metadata, fmt::format("tokenizer.ggml.{}_token_id", name), nTokens,
                            isSentencepiece ? sentencepieceDefault : -1);
    };
    const auto id = [&](std::string_view name, std::int32_t sentencepieceDefault) {
        const std::vector<std::int32_t> all = ids(name, sentencepieceDefault);
        return all.empty() ? -1 : all.front();
    };
    vocabulary.unknownToken = id("unknown", 0);
    vocabulary.bosToken = id("bos", 1);
    vocabulary.moreEndTokens = ids("eos", 2);
    if (!vocabulary.moreEndTokens.empty()) {
        vocabulary.eosToken = vocabulary.moreEndTokens.front();
        vocabulary.moreEndTokens.erase(vocabulary.moreEndTokens.begin());
    }
    vocabulary.eotToken = id("eot", -1);
    vocabulary.eomToken = id("eom", -1);
    return vocabulary;
}

}  // namespace sotto
