#include "engine/hf/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/pre_tokenizer_name.h"

namespace sotto {
namespace {

constexpr const char* kTokenizerFile = "tokenizer.json";
constexpr std::string_view kSpaceSign = "\xE2\x96\x81";  // U+2581, sentencepiece's space
constexpr std::string_view kSpaceLetter = "\xC4\xA0";  // U+0120, the space in byte-level's letters
// Below every piece of a real vocabulary: such a token is never merged to.
constexpr float kNeverScore = -1000.0f;

tl::unexpected<Error> damagedTokenizer(std::string_view what) {
    return damagedFile(kTokenizerFile, what);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

// Whether it is a control token though nothing marks it as one.
bool isLikeControl(const std::string& text) {
    constexpr std::array<std::string_view, 4> kKnown{"<pad>", "<mask>", "<2mass>", "[@BOS@]"};
    const auto isBetween = [&](std::string_view open, std::string_view close) {
        return text.size() >= open.size() + close.size() && text.starts_with(open) &&
               text.ends_with(close);
    };
    return std::ranges::find(kKnown, text) != kKnown.end() || isBetween("<|", "|>") ||
           isBetween("<\xEF\xBD\x9C", "\xEF\xBD\x9C>") || isBetween("<unused", ">");
}

// Pairs as "left right"; newer files have them as lists of two.
Result<std::vector<std::string>> readMerges(const HfJson& model) {
    const HfJson* const source = memberOf(model, "merges");
    if (source == nullptr || !source->is_array()) return damagedTokenizer("it has no merges");
    std::vector<std::string> merges;
    merges.reserve(source->size());
    for (const HfJson& pair : *source) {
        if (pair.is_string()) {
            merges.push_back(pair.get<std::string>());
        } else if (pair.is_array() && pair.size() == 2 && pair[0].is_string() &&
                   pair[1].is_string()) {
            merges.push_back(replaced(pair[0].get<std::string>(), " ", kSpaceLetter) + " " +
                             replaced(pair[1].get<std::string>(), " ", kSpaceLetter));
        } else {
            return damagedTokenizer("one of its merges is no pair");
        }
    }
    return merges;
}

bool isByteToken(const std::string& text) {
    return text.size() == 6 && text.starts_with("<0x") && text.ends_with(">");
}

// Sentencepiece merges the pair whose result has the highest score; a tokenizer.json has the order
// of merges instead, from which scores of the same order follow.
void scoreByMerges(HfVocabulary& vocabulary, const std::vector<std::string>& merges) {
    std::unordered_map<std::string, std::size_t> idOf;
    for (std::size_t id = 0; id < vocabulary.texts.size(); ++id)
        if (vocabulary.types[id] == HfTokenType::Normal) idOf.emplace(vocabulary.texts[id], id);
    std::vector<bool> isScored(vocabulary.texts.size());
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        std::string text = merges[rank];
        const std::size_t space = text.find(' ');
        if (space == std::string::npos) continue;
        const auto found = idOf.find(text.erase(space, 1));
        if (found == idOf.end() || isScored[found->second]) continue;
        isScored[found->second] = true;
        vocabulary.scores[found->second] = -static_cast<float>(rank);
    }
    // Letters, which nothing is merged to, come behind all merges as in sentencepiece's files.
    for (const auto& [text, id] : idOf)
        if (!isScored[id]) vocabulary.scores[id] = -static_cast<float>(merges.size());
}

Status putPieces(HfVocabulary& vocabulary, const HfJson& model, bool isByteLevel) {
    const HfJson* const pieces = memberOf(model, "vocab");
    if (pieces == nullptr || !pieces->is_object() || pieces->empty())
        return damagedTokenizer("it has no vocabulary");
    for (const auto& [text, value] : pieces->items()) {
        const auto id = asInteger(value);
        if (!id) return damagedTokenizer(fmt::format("'{}' has no number", printableName(text)));
        const bool isByte = !isByteLevel && isByteToken(text);
        SOTTO_TRY(vocabulary.put(*id, text, 0, isByte ? HfTokenType::Byte : HfTokenType::Normal));
    }
    return {};
}

}  // namespace

bool isByteLevelTokenizer(const HfJson& tokenizer) {
    const auto isByteLevel = [](const HfJson& step) { return textOf(step, "type") == "ByteLevel"; };
    const HfJson* const source = memberOf(tokenizer, "pre_tokenizer");
    if (source == nullptr) return false;
    if (isByteLevel(*source)) return true;
    const HfJson* const list = memberOf(*source, "pretokenizers");
    return list != nullptr && list->is_array() &&
           std::any_of(list->begin(), list->end(), isByteLevel);
}

Status putAddedToken(HfVocabulary& vocabulary, std::int64_t id, const HfJson& token) {
    const auto text = textOf(token, "content");
    if (!text) return damagedTokenizer("one of its added tokens has no text");
    const bool isControl = flagOf(token, "special").value_or(false) || isLikeControl(*text);
    if (id >= 0 && static_cast<std::uint64_t>(id) < vocabulary.texts.size()) {
        // What the vocabulary itself says of one of its pieces is more exact.
        const auto index = static_cast<std::size_t>(id);
        const HfTokenType type = vocabulary.types[index];
        if (vocabulary.texts[index] == *text &&
            (type == HfTokenType::Unknown || type == HfTokenType::Byte ||
             (type == HfTokenType::Control && isControl)))
            return {};
    }
    return vocabulary.put(id, isControl ? *text : replaced(*text, kSpaceSign, " "), kNeverScore,
                          isControl ? HfTokenType::Control : HfTokenType::UserDefined);
}

Result<HfVocabulary> parseTokenizerJson(const HfJson& tokenizer, std::int64_t nVocab) {
    const HfJson* const model = memberOf(tokenizer, "model");
    const std::string kind = model == nullptr ? "" : textOf(*model, "type").value_or("BPE");
    if (kind != "BPE")
        return fail(ErrorCode::Unsupported,
                    fmt::format("The tokenizer of the kind '{}' (tokenizer.json) cannot be "
                                "converted; BPE can.",
                                printableName(kind)),
                    kTokenizerFile);
    const bool isByteLevel = isByteLevelTokenizer(tokenizer);
    HfVocabulary vocabulary = HfVocabulary::ofSize(nVocab);
    SOTTO_TRY(putPieces(vocabulary, *model, isByteLevel));
    SOTTO_ASSIGN(std::vector<std::string> merges, readMerges(*model));
    if (isByteLevel) {
        vocabulary.model = "gpt2";
        SOTTO_ASSIGN(vocabulary.preTokenizer, preTokenizerName(tokenizer));
        vocabulary.merges = std::move(merges);
    } else if (flagOf(*model, "byte_fallback").value_or(false)) {
        vocabulary.model = "llama";
        vocabulary.preTokenizer = "default";
        scoreByMerges(vocabulary, merges);
        if (const auto text = textOf(*model, "unk_token"))
            if (const auto id = vocabulary.find(*text)) {
                vocabulary.types[*id] = HfTokenType::Unknown;
                vocabulary.scores[*id] = 0;
            }
    } else {
        return fail(ErrorCode::Unsupported,
                    "The BPE of this tokenizer.json knows no bytes (neither ByteLevel nor "
                    "byte_fallback) and cannot be converted: get the model as a GGUF file.",
                    kTokenizerFile);
    }
    if (const HfJson* const added = memberOf(tokenizer, "added_tokens");
        added != nullptr && added->is_array())
        for (const HfJson& token : *added)
            SOTTO_TRY(putAddedToken(vocabulary, integerOf(token, "id").value_or(-1), token));
    return vocabulary;
}

std::optional<bool> isPutInFront(const HfJson& tokenizer, const std::string& text) {
    const HfJson* const source = memberOf(tokenizer, "post_processor");
    if (source == nullptr) return std::nullopt;
    const auto firstOf = [&](const HfJson& processor) -> std::optional<bool> {
        if (textOf(processor, "type") != "TemplateProcessing") return std::nullopt;
        const HfJson* const single = memberOf(processor, "single");
        if (single == nullptr || !single->is_array() || single->empty()) return std::nullopt;
        const HfJson* const special = memberOf(single->front(), "SpecialToken");
        return special != nullptr && textOf(*special, "id") == text;
    };
    if (const HfJson* const list = memberOf(*source, "processors");
        list != nullptr && list->is_array()) {
        for (const HfJson& processor : *list)
            if (const auto said = firstOf(processor)) return said;
        return std::nullopt;
    }
    return firstOf(*source);
}

}  // namespace sotto
