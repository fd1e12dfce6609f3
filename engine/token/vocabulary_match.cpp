#include "engine/token/vocabulary_match.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

std::string groupedCount(std::int64_t count) {
    std::string digits = std::to_string(count);
    for (std::ptrdiff_t place = std::ssize(digits) - 3; place > 0; place -= 3)
        digits.insert(static_cast<std::size_t>(place), ",");
    return digits;
}

std::string otherVocabulary(std::string_view why) {
    return fmt::format(
        "The draft model has another vocabulary: {}; choose a smaller model of the same family.",
        why);
}

std::string named(const Vocabulary& vocabulary, std::int32_t token) {
    if (token < 0) return "none";
    return fmt::format("\"{}\"", printableName(plainText(vocabulary, token)));
}

bool isUnusedFrom(const Vocabulary& vocabulary, std::size_t first) {
    return std::all_of(vocabulary.types.begin() + static_cast<std::ptrdiff_t>(first),
                       vocabulary.types.end(),
                       [](TokenType type) { return type == TokenType::Unused; });
}

std::optional<std::string> tokenMismatch(const Vocabulary& model, const Vocabulary& draft,
                                         std::size_t token) {
    const auto id = static_cast<std::int32_t>(token);
    if (model.texts[token] != draft.texts[token])
        return otherVocabulary(fmt::format("its token {} is {}, the model's {}", groupedCount(id),
                                           named(draft, id), named(model, id)));
    if (model.types[token] != draft.types[token])
        return otherVocabulary(fmt::format("its token {} ({}) is of another kind than the model's",
                                           groupedCount(id), named(draft, id)));
    return std::nullopt;
}

std::optional<std::string> roleMismatch(std::string_view role, const Vocabulary& model,
                                        std::int32_t ofModel, const Vocabulary& draft,
                                        std::int32_t ofDraft) {
    if (ofModel == ofDraft) return std::nullopt;
    return otherVocabulary(fmt::format("its {} token is {}, the model's {}", role,
                                       named(draft, ofDraft), named(model, ofModel)));
}

}  // namespace

std::optional<std::string> vocabularyMismatch(const Vocabulary& model, const Vocabulary& draft) {
    const std::size_t nCommon = std::min(model.texts.size(), draft.texts.size());
    const bool isRoundedUp = isUnusedFrom(model, nCommon) && isUnusedFrom(draft, nCommon);
    if (model.model != draft.model)
        return otherVocabulary(fmt::format("it is of the kind {}, the model's of {}",
                                           printableName(draft.model), printableName(model.model)));
    if (!isRoundedUp)
        return otherVocabulary(fmt::format("{} tokens, the model has {}",
                                           groupedCount(draft.size()), groupedCount(model.size())));
    for (std::size_t token = 0; token < nCommon; ++token)
        if (auto mismatch = tokenMismatch(model, draft, token)) return mismatch;
    if (auto begin = roleMismatch("first", model, model.bosToken, draft, draft.bosToken))
        return begin;
    return roleMismatch("end", model, model.eosToken, draft, draft.eosToken);
}

}  // namespace sotto
